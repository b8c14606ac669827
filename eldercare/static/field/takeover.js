// A tablet broke or was left behind: what it had brought to the server goes on here. Nothing is merged: this one begins empty.
import { h } from "./dom.js";
import { dayOf, timeOf } from "./clock.js";
import { call } from "./net.js";
import { button, note, tell } from "./parts.js";
import { session } from "./session.js";
import * as store from "./store.js";
import { day, t } from "./words.js";

// Asked when a visit is taken along: has another tablet begun it, or this one, before its data were taken off at sign-out?
export async function look(uid) {
  const held = await call(`visits/${uid}/state?device=${session.device}`);
  const isEmpty = !(await store.entriesOf(uid)).length;
  const other = (held.drafts ?? []).find((each) => (isEmpty || each.device !== session.device) && Object.keys(each.hashes).length);
  await store.setOther(uid, other && !held.record ? { device: other.device, n: Object.keys(other.hashes).length, saved_at: other.saved_at } : null);
}

export function offer(ctx) {
  const { live } = ctx;
  const other = live.row?.other;
  if (!other || live.entries.size || !live.canWrite) return null;
  return note("active", h("p", {}, t("otherTablet", { n: other.n, when: `${day(dayOf(other.saved_at))} ${timeOf(other.saved_at)}` })),
    button(t("takeOver"), () => take(ctx, other), { look: "is-main", symbol: "download" }));
}

async function take(ctx, other) {
  const { live } = ctx;
  let draft;
  let held;
  try {
    draft = await call(`visits/${live.uid}/draft?device=${encodeURIComponent(other.device)}`, { seconds: 60 });
    held = new Set((await call(`visits/${live.uid}/state`)).photos);
  } catch {
    return tell(t("noNetwork"));
  }
  const values = Object.entries(draft.entries).filter(([key, value]) => value && !value.gone && !key.startsWith("signature:"));
  const photos = values.flatMap(([key, value]) => (value.photos ?? []).map((photo) => ({ ...photo, key })));
  await store.knowPhotos(live.uid, session.person, photos.filter((each) => held.has(each.sha256)));
  for (const [key, value] of values) {
    await live.change(key, () => (value.photos ? { ...value, photos: value.photos.filter((each) => held.has(each.sha256)) } : value));
  }
  await store.setOther(live.uid, null);
  const lost = photos.filter((each) => !held.has(each.sha256)).length;
  tell(`${t("takenOver", { n: values.length })}${lost ? ` ${t("takenLost", { n: lost })}` : ""}`, lost ? "watch" : "good");
  return ctx.reload();
}
