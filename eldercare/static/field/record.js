// The record of a visit out of its entries: the text that is hashed, sent and kept for ever.
import { canonical, sha256 } from "./canonical.js";
import { told } from "./photo.js";
import { contentKeys, kept, photosOf, present, resultOf, valueOf } from "./rules.js";

export const contentHash = (entries) => sha256(canonical(contentKeys(entries)));

function answersOf(entries, list) {
  const out = {};
  for (const [name, said] of kept(entries, `answer:${list.version_id}`)) {
    if (!said.result) continue;
    out[name] = {
      result: said.result, reason: said.reason?.trim() || null, escalated: Boolean(said.escalated), photos: (said.photos ?? []).map(told), at: said.at,
    };
  }
  return { version_id: list.version_id, answers: out };
}

// What was set right or taken back at the place, with the reason: [{key, at, reason, set_at}], `at` as it stood before.
const amendments = (entries) => [...entries.values()].flatMap(({ key, value }) => (value.was ?? []).map((each) => ({ key, ...each })));

const signature = (role, said, officer = null) => ({
  role, officer_id: officer?.id ?? null, name: officer?.name ?? said.name?.trim() ?? "", state: said.state,
  reason: said.reason?.trim() || null, strokes: said.strokes ?? null, at: said.at,
});

// → {text, sha256}
// Times are by the server's clock as last heard; `clock.device_ms` says by how much the tablet's own differs.
export async function build({ pack, entries, device, app, endedAt, deviceMs }) {
  const arrival = valueOf(entries, "arrival");
  const notice = valueOf(entries, "notice");
  const home = valueOf(entries, "signature:home");
  const witness = valueOf(entries, "signature:witness");
  const record = {
    format: 1, visit: pack.uid, device, app, clock: { offset_ms: 0, device_ms: deviceMs },
    started_at: arrival.at, ended_at: endedAt < arrival.at ? arrival.at : endedAt, position: arrival.position ?? null,
    shown: {
      certificates: present(pack, entries).map((each) => [each.id, valueOf(entries, `certificate:${each.id}`)]).filter(([, said]) => said)
        .map(([officer_id, said]) => ({ officer_id, at: said.at })),
      notice: notice ? { at: notice.at, way: notice.way, to: notice.to?.trim() ?? "" } : null,
    },
    lists: pack.lists.map((list) => answersOf(entries, list)),
    findings: kept(entries, "finding").map(([id, each]) => ({
      key: id, item: each.item, severity: each.severity, description: each.description.trim(), demand: each.demand.trim(),
      due_on: each.fixed_on_spot ? null : each.due_on, fixed_on_spot: each.fixed_on_spot, hazard_code: each.hazard_code ?? null, place: each.place.trim(),
      photos: photosOf(entries, each).map(told),
    })),
    rechecks: kept(entries, "recheck").filter(([, each]) => each.passed !== undefined).map(([id, each]) => ({
      hazard_id: Number(id), passed: each.passed, findings: each.findings?.trim() ?? "", photos: (each.photos ?? []).map(told),
    })),
    residents: kept(entries, "resident").map(([id, each]) => ({
      id: Number(id), seen: each.seen, result: each.result ?? null, note: each.note?.trim() ?? "",
    })),
    site_people: kept(entries, "person").map(([, each]) => ({ name: each.name.trim(), post: each.post?.trim() ?? "" })),
    notes: valueOf(entries, "notes")?.text?.trim() ?? "",
    result: resultOf(entries), amended: amendments(entries),
    signatures: [
      ...pack.officers.map((each) => signature("officer", valueOf(entries, `signature:officer:${each.id}`), each)),
      signature("home", home), ...(home.state === "refused" && witness ? [signature("witness", witness)] : []),
    ],
  };
  const text = canonical(record);
  return { text, sha256: await sha256(text) };
}
