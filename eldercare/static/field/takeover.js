// A tablet broke or was left behind: what it had brought to the server goes on here. Nothing is merged: what was entered here stays.
import { h } from "./dom.js";
import { dayOf, iso, timeOf } from "./clock.js";
import { call } from "./net.js";
import * as outbox from "./outbox.js";
import { button, note, tell } from "./parts.js";
import { session } from "./session.js";
import * as store from "./store.js";
import { day, t } from "./words.js";

// Asked whenever the list is: has another tablet begun this visit, or this one, before its data were taken off at sign-out?
export async function look(uid) {
  const held = await call(`visits/${uid}/state?device=${session.device}`);
  const { took } = (await store.visit(uid)) ?? {};
  const entries = await store.entriesOf(uid);
  const here = new Set(entries.filter((each) => !each.value.gone).map((each) => each.key));
  const more = (draft) => Object.keys(draft.hashes).filter((key) => !here.has(key) && !key.startsWith("signature:")).length;
  const isNew = (draft) => draft.device !== took?.device || draft.saved_at > took.saved_at;
  const other = held.drafts.find((each) => isNew(each) && (each.device !== session.device || !entries.length) && more(each));
  await store.setOther(uid, other && !held.record ? { device: other.device, n: more(other), saved_at: other.saved_at, by: other.by } : null);
}

export function offer(ctx) {
  const { live } = ctx;
  const other = live.row?.other;
  if (!other || !live.canWrite) return null;
  const about = { n: other.n, when: `${day(dayOf(other.saved_at))} ${timeOf(other.saved_at)}`, name: other.by };
  return note("active", h("p", {}, t(other.by ? "otherPerson" : "otherTablet", about)),
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
  const isHere = (photo) => held.has(photo.sha256);
  const given = Object.entries(draft.entries).filter(([key, value]) => value && (!value.gone || value.was) && !key.startsWith("signature:"));
  const photos = given.flatMap(([key, value]) => (value.photos ?? []).map((photo) => ({ ...photo, key })));
  const values = given.map(([key, value]) => [key, value.photos ? { ...value, photos: value.photos.filter(isHere) } : value]);
  const n = await live.next(() => store.takeOver(live.uid, session.person, other, values, photos.filter(isHere), iso()));
  outbox.kick();
  const lost = photos.filter((each) => !isHere(each)).length;
  tell(`${t("takenOver", { n })}${lost ? ` ${t("takenLost", { n: lost })}` : ""}`, lost ? "watch" : "good");
  return ctx.reload();
}
