// The visit somebody works on: its package and entries in memory, every change on the disk before the page says so.
import { iso } from "./clock.js";
import { contentHash } from "./record.js";
import { GONE, valueOf } from "./rules.js";
import { session } from "./session.js";
import * as store from "./store.js";

const channel = new BroadcastChannel(store.NAME);
export const timings = []; // {key, ms}: from the tap to saved, for the tests and the page about this tablet
const MOST_TIMINGS = 500;

export class Live {
  constructor(uid) {
    this.uid = uid;
    this.queue = Promise.resolve();
  }

  async load() {
    const [row, pack, record, done] = await Promise.all([
      store.visit(this.uid), store.packageOf(this.uid), store.recordOf(this.uid), store.doneWith(this.uid),
    ]);
    Object.assign(this, { row, pack, record, done });
    this.entries = new Map((await store.entriesOf(this.uid)).map((each) => [each.key, each]));
    this.photos = new Map((await store.photosOf(this.uid)).map((each) => [each.sha256, each]));
    this.over = await contentHash(this.entries);
    return this;
  }

  // One after the other: after what is being written and before what comes next.
  next(work) {
    const run = this.queue.then(work);
    this.queue = run.catch(() => {});
    return run;
  }
  reload() {
    return this.next(() => this.load());
  }

  get canWrite() {
    return Boolean(this.pack?.i_lead) && !this.record && !this.done;
  }
  value(key) {
    return valueOf(this.entries, key);
  }

  // change(key, (old) => new): quick taps never overtake each other.
  // Answers {undo}: puts back what was there. `taken`: photos that come with it. `since`: when the finger went down.
  change(key, make, { taken = [], since = null } = {}) {
    return this.next(async () => {
      if (!this.canWrite) throw new store.Sealed();
      const before = this.value(key);
      const stood = this.entries.get(key)?.value ?? null;
      const value = make(before) ?? GONE;
      const entry = await store.saveEntry(this.uid, key, session.person, value, iso(), taken);
      this.entries.set(key, entry);
      for (const { photo } of taken) this.photos.set(photo.sha256, { ...photo, uid: this.uid, key, sent: false, ok: false });
      if (since !== null) time(key, since);
      if (!key.startsWith("signature:") || key.startsWith("signature:officer:")) this.over = await contentHash(this.entries);
      channel.postMessage({ uid: this.uid, key });
      announce({ uid: this.uid, key });
      return { undo: () => this.change(key, () => stood) };
    });
  }
}

function time(key, since) {
  const ms = performance.now() - since;
  performance.measure("field.saved", { start: since, end: performance.now(), detail: key });
  timings.push({ key, ms });
  if (timings.length > MOST_TIMINGS) timings.shift();
}

// ---- news of other tabs and of the sender: (message) => …, `mine` false when another tab wrote it
const hearers = new Set();
export const onNews = (hear) => (hearers.add(hear), () => hearers.delete(hear));
const announce = (news, mine = true) => hearers.forEach((hear) => hear(news, mine));
channel.onmessage = ({ data }) => announce(data, false);
export function news(data) {
  channel.postMessage(data);
  announce(data);
}
