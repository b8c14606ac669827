// What the tablet keeps: IndexedDB, every write durable before anyone is told. Rows carry whose they are.
//
// meta      {key, value}: person, device, seq, offset, rescue_key, announced, held
// visits    {uid, person_id, row, got_at, trouble, other, took}   one of the list, `row` as the server gave it
// packages  {uid, body}                                           everything a visit needs
// entries   {uid, key, person_id, value, at, seq, hash, sent, ok} one tap; ok: the server named this very hash
// photos    {uid, sha256, person_id, key, bytes, thumb, …, sent, ok}; bytes {uid, sha256, data} apart, they are large
// intake    {id, uid, person_id, key, at, place, words, data}     a photo as the camera gave it, until it is scaled and stamped
// records   {uid, person_id, text, sha256, sealed_at, sent, ok}       sent: the server may have it, until it says that it has not
// done      {uid, person_id, number, sha256, revision, at, name}  what is left of a visit after it was confirmed
import { openDB } from "idb";
import { canonical, sha256 } from "./canonical.js";

export const NAME = "eldercare-field";

// One step for each version of the database; a tablet that was away takes all it missed. Never change one: add.
const STEPS = [
  (db) => {
    db.createObjectStore("meta", { keyPath: "key" });
    for (const name of ["visits", "packages", "records", "done"]) db.createObjectStore(name, { keyPath: "uid" });
    db.createObjectStore("entries", { keyPath: ["uid", "key"] }).createIndex("uid", "uid");
    for (const name of ["photos", "bytes"]) db.createObjectStore(name, { keyPath: ["uid", "sha256"] }).createIndex("uid", "uid");
    db.createObjectStore("intake", { keyPath: "id" }).createIndex("uid", "uid");
  },
];
export class Sealed extends Error {}
const STRICT = { durability: "strict" };
let opened = null;

export function open() {
  opened ??= openDB(NAME, STEPS.length, {
    upgrade: (db, from) => STEPS.slice(from).forEach((step) => step(db)),
    // another tab runs a newer version of the page: let it, and come back as the new one
    blocking: (_current, _wanted, event) => {
      event.target.close();
      location.reload();
    },
    terminated: () => (opened = null),
  }).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function writing(stores, work) {
  const tx = (await open()).transaction(stores, "readwrite", STRICT);
  const done = tx.done;
  done.catch(() => {});
  try {
    const result = await work(...stores.map((name) => tx.objectStore(name)));
    await done; // only now is it on the disk
    return result;
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // it has ended by itself
    }
    throw error;
  }
}

// ---- small facts

export const meta = async (key) => (await (await open()).get("meta", key))?.value ?? null;
export const setMeta = (key, value) => writing(["meta"], (all) => all.put({ key, value }));
export async function device() {
  const kept = await meta("device");
  if (kept) return kept;
  return writing(["meta"], async (all) => {
    const value = (await all.get("device"))?.value ?? crypto.randomUUID();
    await all.put({ key: "device", value });
    return value;
  });
}

// ---- reading

const all = async (store) => (await open()).getAll(store);
const of = async (store, uid) => (await open()).getAllFromIndex(store, "uid", uid);
export const visitsOf = async (person) => (await all("visits")).filter((each) => each.person_id === person);
export const doneOf = async (person) => (await all("done")).filter((each) => each.person_id === person);
export const visit = async (uid) => (await open()).get("visits", uid);
export const packageOf = async (uid) => (await (await open()).get("packages", uid))?.body ?? null;
export const packaged = async () => new Set(await (await open()).getAllKeys("packages"));
export const entriesOf = (uid) => of("entries", uid);
export const photosOf = (uid) => of("photos", uid);
export const bytesOf = async (uid, hash) => (await (await open()).get("bytes", [uid, hash]))?.data ?? null;
export const recordOf = async (uid) => (await open()).get("records", uid);
export const doneWith = async (uid) => (await open()).get("done", uid);

// ---- writing

// One entry, with the next number of this device. `photos`: [{photo, data, id}] that came with it, in the same transaction.
// A visit that was sealed meanwhile, in whatever window, takes nothing any more.
export async function saveEntry(uid, key, person, value, at, photos = []) {
  const hash = await sha256(canonical(value));
  return writing(["entries", "meta", "photos", "bytes", "intake", "records"], async (entries, facts, pictures, bytes, intake, records) => {
    if (await records.get(uid)) throw new Sealed();
    const seq = ((await facts.get("seq"))?.value ?? 0) + 1;
    const entry = { uid, key, person_id: person, value, at, seq, hash, sent: false, ok: false };
    await Promise.all([
      facts.put({ key: "seq", value: seq }), entries.put(entry),
      ...photos.flatMap(({ photo, data, id }) => [
        id && intake.delete(id), pictures.put({ ...photo, uid, person_id: person, key, sent: false, ok: false }), bytes.put({ uid, sha256: photo.sha256, data }),
      ]),
    ]);
    return entry;
  });
}

// The list as the server has it now: new ones come, those gone that were never begun go. Two officers of a visit may share a
// tablet: what the other one has not begun here is this one's; what they have is `held` until they sign in.
export const saveList = (person, rows) =>
  writing(["visits", "packages", "entries", "intake", "records", "meta"], async (visits, packages, entries, intake, records, facts) => {
    const isBegun = async (uid) => Boolean((await entries.index("uid").count(uid)) || (await intake.index("uid").count(uid)) || (await records.get(uid)));
    const wanted = new Map(rows.map((row) => [row.uid, row]));
    for (const kept of await visits.getAll()) {
      if (kept.person_id !== person) continue;
      const row = wanted.get(kept.uid);
      wanted.delete(kept.uid);
      if (row) await visits.put({ ...kept, row });
      else if (!(await isBegun(kept.uid))) await Promise.all([visits.delete(kept.uid), packages.delete(kept.uid)]);
    }
    const held = [];
    for (const row of wanted.values()) {
      const kept = await visits.get(row.uid);
      if (kept && (await isBegun(row.uid))) held.push(row);
      else await Promise.all([visits.put({ uid: row.uid, person_id: person, row }), kept && packages.delete(row.uid)]); // a package says who leads
    }
    await facts.put({ key: "held", value: { person_id: person, rows: held.filter((row) => row.state === "planned") } });
  });

export const savePackage = (uid, body, at) =>
  writing(["visits", "packages", "meta"], async (visits, packages, facts) => {
    await packages.put({ uid, body });
    await visits.put({ ...(await visits.get(uid)), got_at: at });
    if (body.rescue_key) await facts.put({ key: "rescue_key", value: body.rescue_key });
  });

// Sealed only if every entry is still what the record was built from: `hashes`: Map of key to hash. Answers what stands in the way.
export const seal = (record, hashes) =>
  writing(["records", "entries", "intake"], async (records, entries, intake) => {
    const now = await entries.index("uid").getAll(record.uid);
    if (await records.get(record.uid)) return "sealed";
    if (await intake.index("uid").count(record.uid)) return "photos";
    if (now.length !== hashes.size || !now.every((each) => hashes.get(each.key) === each.hash)) return "changed";
    await records.put(record);
    return null;
  });
export const keepRaw = (raw) => writing(["intake"], (intake) => intake.put(raw));
export const rawOf = (uid) => of("intake", uid);
export const dropRaw = (id) => writing(["intake"], (intake) => intake.delete(id));

// Whether this very record still stands and waits: it counts as sent from before it leaves.
export const sendRecord = (uid, sha256) => markRecord(uid, sha256, true);
// The server has answered that it did not take it.
export const returnRecord = (uid, sha256) => markRecord(uid, sha256, false);
const markRecord = (uid, sha256, sent) =>
  writing(["records"], async (records) => {
    const record = await records.get(uid);
    if (!record || record.ok || record.sha256 !== sha256) return false;
    await records.put({ ...record, sent });
    return true;
  });
export const mayOpen = (record) => Boolean(record) && !record.ok && !record.sent;
// Open a sealed visit again, unless the server has its record or may have it. Answers whether it is open.
export const reopen = (uid) =>
  writing(["records", "visits"], async (records, visits) => {
    if (!mayOpen(await records.get(uid))) return false;
    await Promise.all([records.delete(uid), visits.put({ ...(await visits.get(uid)), trouble: null })]);
    return true;
  });
const setOn = (uid, change) =>
  writing(["visits"], async (visits) => {
    const kept = await visits.get(uid);
    if (kept) await visits.put({ ...kept, ...change });
  });
export const setTrouble = (uid, trouble) => setOn(uid, { trouble });
export const setOther = (uid, other) => setOn(uid, { other }); // a draft of another tablet: {device, n, saved_at}

// What another tablet (`other`, as offered) had brought to the server goes on here, all at once or not at all; what stands here already stays.
// values: [[key, value]]; its photos are known here by their hash, their bytes are there. Answers how many entries came.
export async function takeOver(uid, person, other, values, photos, at) {
  const hashes = await Promise.all(values.map(([, value]) => sha256(canonical(value))));
  return writing(["entries", "photos", "records", "visits", "meta"], async (entries, pictures, records, visits, facts) => {
    if (await records.get(uid)) throw new Sealed();
    const first = (await facts.get("seq"))?.value ?? 0;
    let seq = first;
    for (const [n, [key, value]] of values.entries()) {
      const kept = await entries.get([uid, key]);
      if (kept && (!kept.value.gone || kept.value.was)) continue; // what was taken back here with a reason stays so
      seq += 1;
      await entries.put({ uid, key, person_id: person, value, at, seq, hash: hashes[n], sent: false, ok: false });
    }
    for (const { key, ...photo } of photos) {
      if (!(await pictures.get([uid, photo.sha256]))) await pictures.put({ ...photo, uid, person_id: person, key, bytes: 0, thumb: "", sent: true, ok: true });
    }
    await Promise.all([facts.put({ key: "seq", value: seq }), visits.put({ ...(await visits.get(uid)), other: null, took: other })]);
    return seq - first;
  });
}

// ---- what the server said

export const markSent = (store, keys) =>
  writing([store], async (rows) => {
    for (const key of keys) {
      const row = await rows.get(key);
      if (row && !row.sent) await rows.put({ ...row, sent: true });
    }
  });

// Confirmed is only what has, at this moment, the very hash the server named.
export const confirmEntries = (uid, hashes) =>
  writing(["entries"], async (entries) => {
    for (const [key, hash] of Object.entries(hashes ?? {})) {
      const row = await entries.get([uid, key]);
      if (row && row.hash === hash && !row.ok) await entries.put({ ...row, sent: true, ok: true });
    }
  });
export const confirmPhotos = (uid, hashes) =>
  writing(["photos"], async (photos) => {
    for (const hash of hashes ?? []) {
      const row = await photos.get([uid, hash]);
      if (row && !row.ok) await photos.put({ ...row, sent: true, ok: true });
    }
  });
export const unconfirmPhotos = (uid, hashes) =>
  writing(["photos"], async (photos) => {
    for (const hash of hashes) {
      const row = await photos.get([uid, hash]);
      if (row) await photos.put({ ...row, sent: false, ok: false });
    }
  });

// The record is with the server under our hash: everything in it is.
export const confirmRecord = (uid, answer, name, at) =>
  writing(["records", "entries", "photos", "done"], async (records, entries, photos, done) => {
    const record = await records.get(uid);
    if (!record || record.sha256 !== answer.sha256) return false;
    await records.put({ ...record, sent: true, ok: true });
    for (const rows of [entries, photos]) {
      for (const row of await rows.index("uid").getAll(uid)) if (!row.ok) await rows.put({ ...row, sent: true, ok: true });
    }
    const { person_id } = record;
    await done.put({ uid, person_id, name, number: answer.number ?? "", sha256: answer.sha256, revision: answer.revision ?? 1, at });
    return true;
  });

// ---- taking away

async function wipeRows(uid, stores) {
  for (const rows of stores) {
    if (["entries", "photos", "bytes", "intake"].includes(rows.name)) for (const key of await rows.index("uid").getAllKeys(uid)) await rows.delete(key);
    else await rows.delete(uid);
  }
}
const HEAVY = ["visits", "packages", "entries", "photos", "bytes", "intake", "records"];
export const wipeVisit = (uid) => writing(HEAVY, (...stores) => wipeRows(uid, stores));
// What was confirmed leaves the tablet though nobody looked at it then; `shown` is being looked at and goes by itself.
export async function wipeDone(shown = null) {
  const heavy = new Set(await (await open()).getAllKeys("records"));
  for (const { uid } of await all("done")) if (uid !== shown && heavy.has(uid)) await wipeVisit(uid);
}

// At sign-out: everything of this person. Another person's unsent work on a shared tablet stays until they come back.
export const wipePerson = (person) =>
  writing([...HEAVY, "done", "meta"], async (...stores) => {
    const facts = stores.at(-1);
    const [visits, done] = [stores[0], stores.at(-2)];
    for (const kept of await visits.getAll()) if (kept.person_id === person) await wipeRows(kept.uid, stores.slice(0, HEAVY.length));
    for (const row of await done.getAll()) if (row.person_id === person) await done.delete(row.uid);
    if ((await facts.get("person"))?.value?.id === person) for (const key of ["person", "announced"]) await facts.delete(key);
    if ((await facts.get("held"))?.value?.person_id === person) await facts.delete("held");
  });

// How much of whom is not yet confirmed: {person_id: number}. Photos count while an entry refers to them.
export async function unsent() {
  const [entries, photos, records, raws] = await Promise.all(["entries", "photos", "records", "intake"].map(all));
  const used = new Set(entries.flatMap(({ uid, value }) => (value.photos ?? []).map((photo) => uid + photo.sha256)));
  const out = {};
  for (const row of [...entries, ...photos.filter((each) => used.has(each.uid + each.sha256)), ...records, ...raws]) {
    if (!row.ok) out[row.person_id] = (out[row.person_id] ?? 0) + 1;
  }
  return out;
}
