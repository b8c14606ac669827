// Brings to the server what is on the tablet: entries, photo by photo, the record last. It may be stopped anywhere and
// goes on where it was; a thing counts as confirmed only when the server names its hash. One sender over all tabs.
import { canonical } from "./canonical.js";
import { iso } from "./clock.js";
import { news } from "./live.js";
import { alone } from "./lock.js";
import { Answered, SignedOut, Unreachable, call, isRefusal } from "./net.js";
import { usedPhotos } from "./rules.js";
import { check, lost, session } from "./session.js";
import * as store from "./store.js";

const FIRST = 2_000;
const SLOWEST = 300_000;
const CHUNK = 40; // entries a draft carries at once
const status = { sending: false, waits: 0, problem: null, done: 0, todo: 0 };
let fails = 0;
let timer = 0;
let isRunning = false;
let again = false;
let forced = false;
export const sender = () => ({ ...status });

const say = (change) => {
  Object.assign(status, change);
  news({ sender: true });
};

export function start() {
  addEventListener("online", () => kick(200));
  document.addEventListener("visibilitychange", () => document.hidden || kick(500));
  kick(0);
}

// Soon there is something to send, or a reason to try anew.
export function kick(delay = 1500) {
  if (isRunning) {
    again = true;
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(run, delay);
}
export function now() {
  fails = 0;
  forced = true;
  kick(0);
}

async function run() {
  clearTimeout(timer);
  if (isRunning || !session.device) return;
  if (!navigator.onLine && !forced) {
    timer = setTimeout(run, SLOWEST); // `online` comes first, as a rule
    return;
  }
  forced = false;
  isRunning = true;
  again = false;
  let next = null;
  try {
    const mine = await alone(pass);
    if (!mine) next = 15_000; // another tab sends
    else fails = 0;
  } catch (error) {
    if (error instanceof SignedOut) lost("out");
    else if (error instanceof Unreachable || error instanceof Answered) {
      fails += 1;
      next = wait(fails);
    } else {
      fails += 1;
      next = SLOWEST;
      status.problem = error.message;
    }
  }
  isRunning = false;
  say({ sending: false, waits: next ?? 0 });
  if (again) kick();
  else if (next) timer = setTimeout(run, next);
}

// Back off, with jitter: many tablets come back into the same network at the same moment.
function wait(times) {
  const most = Math.min(SLOWEST, FIRST * 2 ** (times - 1));
  return most / 2 + (Math.random() * most) / 2;
}

async function pass(renew) {
  if (!(await anything())) {
    if (session.state !== "in" && navigator.onLine) await check();
    return;
  }
  if (!(await check())) {
    if (session.state === "away") throw new Unreachable();
    return;
  }
  const owner = session.person;
  let failed = null;
  let later = null; // what may pass by itself: the visits behind it need not wait for it
  let away = 0;
  for (const each of await store.visitsOf(owner)) {
    if (session.person !== owner) return;
    try {
      await bring(each, renew);
      away = 0;
    } catch (error) {
      away = error instanceof Unreachable ? away + 1 : 0;
      if (error instanceof SignedOut || error.status === 429 || error.code === "form.stale" || away > 1) throw error;
      if (isRefusal(error)) {
        await refused(each, error);
        failed = error;
      } else later ??= error;
    }
  }
  say({ problem: failed ? failed.code : null });
  if (later) throw later;
}

async function anything() {
  return Boolean((await store.unsent())[session.person]);
}

async function refused(visit, { code, status: answered, body }) {
  await store.setTrouble(visit.uid, { code, status: answered, message: body.message ?? "", details: body.details ?? null, at: iso() });
  news({ uid: visit.uid });
}

async function bring(visit, renew) {
  const { uid } = visit;
  let entries = await store.entriesOf(uid);
  const record = await store.recordOf(uid);
  if (!entries.some((each) => !each.ok) && !(record && !record.ok) && !(await store.photosOf(uid)).some((each) => !each.ok)) return;
  if (visit.trouble?.status === 409 && visit.trouble.code === "visit.sent_otherwise") return; // a person decides
  say({ sending: true });
  await resume(uid, record);
  const differing = await sendEntries(uid, renew);
  entries = await store.entriesOf(uid);
  await sendPhotos(uid, usedPhotos(entries), renew);
  if (record) await sendRecord(visit, record);
  // said rather than asked for ever; a record the server took holds all of them
  if (differing.size && !(await store.recordOf(uid))?.ok) throw new Answered(409, { code: "draft.differs", details: Object.fromEntries([...differing.keys()].map((key) => [key, key])) });
  if (visit.trouble) await store.setTrouble(uid, null);
  news({ uid });
}

// What the server holds already: a lost answer, an earlier try, another day.
async function resume(uid, record) {
  const held = await call(`visits/${uid}/state?device=${session.device}`);
  await store.confirmPhotos(uid, held.photos);
  if (held.draft?.device === session.device) await store.confirmEntries(uid, held.draft.hashes);
  if (record && held.record?.sha256 === record.sha256) await confirmed(uid, held.record);
}

// Answers which the server named by another hash though nothing has changed meanwhile: {key: our hash}.
async function sendEntries(uid, renew) {
  const differing = new Map();
  for (;;) {
    const waiting = (await store.entriesOf(uid)).filter((each) => !each.ok && differing.get(each.key) !== each.hash).sort((a, b) => a.seq - b.seq).slice(0, CHUNK);
    if (!waiting.length) return differing;
    await renew();
    const body = canonical({ // the text that was hashed: half a character of a keyboard is not sent as it stands
      device: session.device, seq: waiting.at(-1).seq, entries: Object.fromEntries(waiting.map((each) => [each.key, each.value])),
    });
    await store.markSent("entries", waiting.map((each) => [uid, each.key]));
    const said = await call(`visits/${uid}/draft`, { method: "PUT", body, headers: { "Content-Type": "application/json" }, seconds: 30 });
    await store.confirmEntries(uid, said.hashes);
    news({ uid, sent: true });
    const now = new Map((await store.entriesOf(uid)).map((each) => [each.key, each]));
    for (const each of waiting) if (now.get(each.key)?.hash === each.hash && !now.get(each.key).ok) differing.set(each.key, each.hash);
  }
}

async function sendPhotos(uid, used, renew) {
  const waiting = (await store.photosOf(uid)).filter((each) => !each.ok && used.has(each.sha256));
  let missed = 0;
  let last = null;
  say({ todo: waiting.length, done: 0 });
  for (const photo of waiting) {
    await renew();
    try {
      await sendPhoto(uid, photo);
      missed = 0;
    } catch (error) {
      if (error instanceof SignedOut) throw error;
      if (!last || isRefusal(last)) last = error; // what may pass is tried again, and the rest with it
      missed += 1;
      if (missed >= 2 && error instanceof Unreachable) break; // the line is gone, not the photo
    }
    say({ done: status.done + 1 });
    news({ uid, sent: true });
  }
  if (last) throw last;
}

async function sendPhoto(uid, { sha256, bytes }) {
  const body = await store.bytesOf(uid, sha256);
  if (!body) throw new Answered(410, { code: "photo.gone" });
  await store.markSent("photos", [[uid, sha256]]);
  const said = await call(`visits/${uid}/photos/${sha256}`, {
    method: "PUT", body, headers: { "Content-Type": "image/jpeg" }, seconds: 30 + bytes / 10_000, // down to 10 kB a second
  });
  if (said.sha256 === sha256) await store.confirmPhotos(uid, [sha256]);
}

async function sendRecord(visit, record) {
  const { uid } = visit;
  if (!(await store.sendRecord(uid, record.sha256))) return void kick(); // opened again while its photos went: what stands now comes next
  news({ uid });
  try {
    const said = await call(`visits/${uid}/record`, {
      method: "POST", body: record.text, headers: { "Content-Type": "application/json", "X-Content-SHA256": record.sha256 }, seconds: 60,
    });
    await confirmed(uid, said);
  } catch (error) {
    if (isRefusal(error) && error.code !== "visit.sent_otherwise") await store.returnRecord(uid, record.sha256);
    if (error.code !== "visit.photos_missing") throw error;
    await store.unconfirmPhotos(uid, JSON.stringify(error.body).match(/[0-9a-f]{64}/g) ?? []);
    throw new Unreachable("photos again"); // the next round sends them
  }
}

async function confirmed(uid, answer) {
  const { row } = await store.visit(uid);
  if (await store.confirmRecord(uid, answer, row.facility.name, iso())) news({ uid, confirmed: true });
}
