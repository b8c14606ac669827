// What a visit asks for, and what is still missing: plain functions over the package and the entries, without page or database.
import { plusDays } from "./clock.js";

export const GONE = { gone: true }; // an entry that was taken back
export const RESULTS = ["conform", "partial", "nonconform", "not_applicable"];
export const FAULTS = ["partial", "nonconform"];
const SEVERITIES = ["general", "serious", "major"];
const USUAL = { general: 7, serious: 15, major: 3 };
const NO_ENTRY = ["absent", "obstructed"]; // results of a visit that could not look at anything

export const key = {
  answer: (version, code) => `answer:${version}:${code}`,
  finding: (id) => `finding:${id}`,
  recheck: (id) => `recheck:${id}`,
  resident: (id) => `resident:${id}`,
  certificate: (id) => `certificate:${id}`,
  person: (id) => `person:${id}`,
  officer: (id) => `signature:officer:${id}`,
};
export const valueOf = (entries, name) => {
  const value = entries.get(name)?.value;
  return value && !value.gone ? value : null;
};
// [[id, value]] of the entries of a kind, oldest first
export function kept(entries, kind) {
  return [...entries.values()].filter((each) => each.key.startsWith(`${kind}:`) && !each.value.gone)
    .sort((a, b) => (a.value.at ?? a.at).localeCompare(b.value.at ?? b.at) || a.seq - b.seq)
    .map((each) => [each.key.slice(kind.length + 1), each.value]);
}

// ---- lists

export const applies = (item) => item.applies !== false;
export const inArea = (list, area) => list.items.filter((item) => item.area === area);
export function progress(pack, entries, list = null, area = null) {
  const out = { all: 0, done: 0, faults: 0 };
  for (const each of list ? [list] : pack.lists) {
    for (const item of each.items) {
      if (!applies(item) || (area && item.area !== area)) continue;
      const said = valueOf(entries, key.answer(each.version_id, item.code));
      out.all += 1;
      out.done += said?.result ? 1 : 0;
      out.faults += FAULTS.includes(said?.result) ? 1 : 0;
    }
  }
  return out;
}
export const itemOf = (pack, version, code) =>
  pack.lists.find((list) => list.version_id === version)?.items.find((item) => item.code === code) ?? null;

// ---- the team

export const fewest = (pack) => pack.rules.min_officers ?? 2; // officers at a visit: penalty law art. 42, domain.md §5.3 (1)
// One who did not come is said to be absent where the others sign; the lead, who writes, is always there.
export const isAway = (entries, officer) => !officer.lead && valueOf(entries, key.officer(officer.id))?.state === "absent";
export const present = (pack, entries) => pack.officers.filter((each) => !isAway(entries, each));
export const mayBeAway = (pack, entries, officer) => !officer.lead && present(pack, entries).length > fewest(pack);

// ---- the clock

const SLACK = 120_000; // ms
// Whether the clock stands before what the tablet has seen already: after a flat battery some begin again in 1970.
export const clockIsBehind = (pack, entries, moment) =>
  Date.parse(moment) + SLACK < Math.max(Date.parse(pack.made_at) || 0, ...[...entries.values()].map((each) => Date.parse(each.at) || 0));
const isMoment = (at) => Date.parse(at) > Date.UTC(2001, 0, 1); // what the server takes for a time of a visit

// ---- hazards

export const least = (item) => SEVERITIES.indexOf(item?.severity ?? "general");
// a hazard is never milder than its item; it becomes major only where the item says when
export const severities = (item) =>
  SEVERITIES.filter((name, n) => n >= least(item) && (name !== "major" || !item || item.severity === "major" || item.major_when_zh));
export const usual = (pack, severity, item) =>
  item && severity === item.severity && item.due_days ? item.due_days : pack.rules.due_days?.[severity] ?? USUAL[severity];
export const latest = (pack, severity, day) => plusDays(day, pack.rules.due_most?.[severity] ?? USUAL[severity] * 2);
export function proposed(pack, item, day, severity = item?.severity ?? "general") {
  return {
    severity, description: "", demand: "", place: "", due_on: plusDays(day, usual(pack, severity, item)),
    fixed_on_spot: false, hazard_code: severity === "major" ? item?.hazard_code ?? null : null, photos: [],
  };
}
export const findingsOf = (entries, version, code) =>
  kept(entries, "finding").filter(([, value]) => value.item?.version_id === version && value.item?.code === code);
// a hazard of an item goes with the photos of its answer
export function photosOf(entries, finding) {
  const of = finding.item ? valueOf(entries, key.answer(finding.item.version_id, finding.item.code))?.photos ?? [] : [];
  return [...new Map([...of, ...finding.photos].map((photo) => [photo.sha256, photo])).values()];
}
const anyNonconform = (entries) => kept(entries, "answer").some(([, each]) => each.result === "nonconform");
export function proposedResult(entries) {
  const found = kept(entries, "finding").map(([, value]) => value);
  if (!found.length) return anyNonconform(entries) ? "order" : "none";
  return found.every((each) => each.fixed_on_spot) ? "fixed" : "order";
}
export const resultOf = (entries) => valueOf(entries, "result")?.value ?? proposedResult(entries);

// ---- signatures

// that an officer did not come is a part of what the others sign
const isContent = ({ key: name, value }) => !value.gone && (!name.startsWith("signature:") || (name.startsWith("signature:officer:") && value.state === "absent"));
export const contentKeys = (entries) => [...entries.values()].filter(isContent).map((each) => [each.key, each.hash]).sort();
export const state = (entries, name, over) => {
  const said = valueOf(entries, name);
  if (!said) return null;
  return said.state !== "signed" || said.over === over ? said : { ...said, stale: true }; // changed after it was signed
};

// ---- what is missing: [{must, word, given, to}]; `to` is the screen that puts it right, `over` what a signature must cover

export function missing(pack, entries, day, over = null) {
  const out = [];
  const must = (word, to, given = {}) => out.push({ must: true, word, to, given });
  const may = (word, to, given = {}) => out.push({ must: false, word, to, given });
  const result = resultOf(entries);
  const inside = !NO_ENTRY.includes(result);

  if (!valueOf(entries, "arrival")) must("missArrival", "arrive");
  else if (!isMoment(valueOf(entries, "arrival").at)) must("missArrivalTime", "arrive");
  for (const officer of present(pack, entries)) {
    if (!valueOf(entries, key.certificate(officer.id))) (inside ? must : may)("missCertificate", "shown", { name: officer.name });
  }
  if (!valueOf(entries, "notice")) (inside ? must : may)("missNotice", "shown");
  if (inside) missingAnswers(pack, entries, must, may);
  missingFindings(pack, entries, day, must, result);
  for (const hazard of pack.hazards.filter((each) => each.to_recheck)) {
    const said = valueOf(entries, key.recheck(hazard.id));
    if (!said || said.passed === undefined) may("missRecheck", "rechecks", { number: hazard.number ?? "" });
    else if (!said.findings?.trim()) must("missRecheckWords", "rechecks", { number: hazard.number ?? "" });
  }
  const unseen = pack.residents.filter((each) => !valueOf(entries, key.resident(each.id))).length;
  if (unseen && inside) may("missResidents", "residents", { n: unseen });
  for (const [, person] of kept(entries, "person")) if (!person.name?.trim()) must("missPersonName", "people");
  const found = kept(entries, "finding").map(([, each]) => each);
  if (result === "none" && (found.length || anyNonconform(entries))) must("missResultNone", "people");
  if (result === "order" && !found.some((each) => !each.fixed_on_spot)) must("missResultOrder", "hazards");
  if (result === "fixed" && !(found.length && found.every((each) => each.fixed_on_spot))) must("missResultFixed", "hazards");
  if (!inside && !valueOf(entries, "notes")?.text?.trim()) must("missResultWords", "people");
  if (over !== null) missingSignatures(pack, entries, over, must);
  return out;
}

function missingAnswers(pack, entries, must, may) {
  for (const list of pack.lists) {
    for (const area of list.areas) {
      const to = `list/${list.version_id}/${area.code}`;
      let open = 0;
      for (const item of inArea(list, area.code).filter(applies)) {
        const said = valueOf(entries, key.answer(list.version_id, item.code));
        const at = `${to}/${item.code}`;
        if (!said?.result) {
          if (said?.photos?.length || said?.reason?.trim()) must("missChoice", at, { code: item.code });
          open += 1;
          continue;
        }
        if (said.result !== "conform" && !said.reason?.trim()) must("missReason", at, { code: item.code });
        if (said.escalated && !said.photos?.length) must("missMajorPhoto", at, { code: item.code });
        else if (item.photo && !said.photos?.length && said.result !== "not_applicable") must("missPhoto", at, { code: item.code });
        if (said.result === "nonconform" && !findingsOf(entries, list.version_id, item.code).length) may("missHazard", at, { code: item.code });
      }
      if (open) may("missItems", to, { n: open, area });
    }
  }
}

function missingFindings(pack, entries, day, must, result) {
  for (const [id, finding] of kept(entries, "finding")) {
    const item = finding.item && itemOf(pack, finding.item.version_id, finding.item.code);
    const area = item?.area;
    const to = item ? `list/${finding.item.version_id}/${area}/${item.code}` : `hazards/${id}`;
    const given = { code: item?.code ?? finding.place ?? "" };
    if (!finding.description.trim()) must("missDescription", to, given);
    if (result === "order" && !finding.fixed_on_spot && !finding.demand.trim()) must("missDemand", to, given);
    if (finding.severity === "major" && !finding.hazard_code) must("missRow", to, given);
    if (!finding.fixed_on_spot && (finding.due_on < day || finding.due_on > latest(pack, finding.severity, day))) must("missDue", to, given);
    if (finding.severity === "major" && !photosOf(entries, finding).length) must("missMajorPhoto", to, given);
  }
}

function missingSignatures(pack, entries, over, must) {
  if (present(pack, entries).length < fewest(pack)) must("officersFew", "shown", { n: fewest(pack) });
  for (const officer of pack.officers) {
    const said = state(entries, key.officer(officer.id), over);
    if (isAway(entries, officer)) {
      if (!said.reason?.trim()) must("missAway", "shown", { name: officer.name });
    } else if (said?.state !== "signed") must("missOfficer", "sign", { name: officer.name });
    else if (said.stale) must("missStale", "sign", { name: officer.name });
  }
  const home = state(entries, "signature:home", over);
  if (!home) must("missHome", "sign");
  else if (home.state === "signed" && home.stale) must("missStale", "sign", { name: home.name });
  else if (home.state === "refused") {
    if (!home.reason?.trim()) must("missRefusal", "sign");
    const witness = state(entries, "signature:witness", over);
    if (!witness || witness.state !== "signed") must("missWitness", "sign");
    else if (witness.stale) must("missStale", "sign", { name: witness.name });
  } else if (home.state === "absent" && !home.reason?.trim()) must("missAbsence", "sign");
}

// Which photos the entries refer to now: those that were taken away again are neither counted nor sent.
export function usedPhotos(entries) {
  const out = new Set();
  for (const { value } of entries) for (const photo of value.photos ?? []) out.add(photo.sha256);
  return out;
}
