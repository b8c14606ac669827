// Nothing lost: for each entry and photo, where it is. "confirmed" is only what the server named by its very hash.
import { kept, usedPhotos, valueOf } from "./rules.js";
import * as store from "./store.js";
import { pick, t } from "./words.js";

export const stateOf = (row) => (row.ok ? "confirmed" : row.sent ? "sent" : "device");
const zero = () => ({ device: 0, sent: 0, confirmed: 0, all: 0 });

export function count(rows) {
  const out = zero();
  for (const row of rows) {
    out[stateOf(row)] += 1;
    out.all += 1;
  }
  return out;
}

export async function ofVisit(uid) {
  const [entries, photos, record, raws] = await Promise.all([store.entriesOf(uid), store.photosOf(uid), store.recordOf(uid), store.rawOf(uid)]);
  const used = usedPhotos(entries);
  const shown = photos.filter((each) => used.has(each.sha256));
  return { entries, photos: shown, record, raws, sum: count([...entries, ...shown, ...raws, ...(record ? [record] : [])]) };
}

export async function ofPerson(person) {
  const sum = zero();
  for (const { uid } of await store.visitsOf(person)) {
    const { sum: one } = await ofVisit(uid);
    for (const name of Object.keys(sum)) sum[name] += one[name];
  }
  return sum;
}

// What an entry is, in words.
export function label(pack, entries, key) {
  const [kind, ...rest] = key.split(":");
  const id = rest.join(":");
  const officer = () => pack.officers.find((each) => String(each.id) === rest.at(-1))?.name ?? "";
  if (kind === "answer") return rest[1];
  if (kind === "finding") return t("meterFinding", { what: (valueOf(entries, key)?.description ?? "").slice(0, 24) });
  if (kind === "recheck") return t("meterRecheck", { what: pack.hazards.find((each) => String(each.id) === id)?.number ?? id });
  if (kind === "resident") return t("meterResident", { what: pack.residents.find((each) => String(each.id) === id)?.name ?? "" });
  if (kind === "certificate") return t("meterCertificate", { what: officer() });
  if (kind === "person") return t("meterPerson", { what: valueOf(entries, key)?.name ?? "" });
  if (kind === "signature") return t("meterSignature", { what: rest[0] === "officer" ? officer() : t(rest[0] === "home" ? "theHome" : "witness") });
  return t({ arrival: "stepArrive", notice: "notice", notes: "notes", result: "outcome" }[kind] ?? kind);
}

// Entries and photos in the groups the visit is worked through in: [{title, rows: [{label, state}]}].
export function grouped(pack, { entries, photos, record, raws }) {
  const map = new Map(entries.map((each) => [each.key, each]));
  const groups = new Map();
  const put = (title, row, text) => {
    if (!groups.has(title)) groups.set(title, []);
    groups.get(title).push({ label: text, state: stateOf(row), gone: Boolean(row.value?.gone) });
  };
  const titleOf = (key) => {
    const [kind, version, code] = key.split(":");
    if (kind === "answer") {
      const list = pack.lists.find((each) => String(each.version_id) === version);
      return pick(list?.areas.find((area) => list.items.some((item) => item.code === code && item.area === area.code))) || t("stepLists");
    }
    return t({ finding: "stepHazards", recheck: "stepRechecks", resident: "stepResidents", signature: "stepSign" }[kind] ?? "stepVisit");
  };
  const order = [...kept(map, "answer").map(([id]) => `answer:${id}`), ...entries.filter((each) => !each.key.startsWith("answer:") || each.value.gone).map((each) => each.key)];
  for (const key of order) put(titleOf(key), map.get(key), label(pack, map, key));
  for (const photo of photos) put(titleOf(photo.key), photo, t("meterPhoto", { what: label(pack, map, photo.key) }));
  for (const raw of raws) put(titleOf(raw.key), raw, t("meterRaw", { what: label(pack, map, raw.key) }));
  if (record) put(t("theRecord"), record, record.sha256.slice(0, 12));
  return [...groups].map(([title, rows]) => ({ title, rows }));
}
