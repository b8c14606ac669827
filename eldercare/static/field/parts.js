// The pieces the screens are put together from: choices, text that saves itself, photos, the undo bar.
import { h, icon, sign } from "./dom.js";
import { iso, timeOf } from "./clock.js";
import { here } from "./place.js";
import { clockIsBehind } from "./rules.js";
import { session } from "./session.js";
import { stateOf } from "./meter.js";
import { take, told } from "./photo.js";
import * as rescue from "./rescue.js";
import * as store from "./store.js";
import { t } from "./words.js";

export const button = (words, onclick, { look = "", symbol = null, focus = null, disabled = false, of = null } = {}) =>
  h("button", { type: "button", class: `act-btn ${look}`, onclick, "data-focus": focus, disabled, "aria-label": of && `${words} ${of}` }, symbol && icon(symbol), h("span", {}, words));
export const link = (words, href, { look = "", symbol = null } = {}) =>
  h("a", { class: `act-btn ${look}`, href }, symbol && icon(symbol), h("span", {}, words));
export const note = (tone, ...words) => h("div", { class: `say say-${tone}` }, sign(tone), h("div", {}, ...words));
export const facts = (rows) => h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
// said while no server has set the clock right
export const clockNote = ({ pack, entries }) => session.state !== "in" && clockIsBehind(pack, entries, iso()) && note("bad", t("clockBehind"));
export const box = (title, ...body) => h("section", { class: "box" }, title && h("h2", {}, title), ...body);
export const TONES = { device: "quiet", sent: "active", confirmed: "good" };
export const dot = (row) => {
  const state = stateOf(row);
  return h("span", { class: `dot dot-${state}`, title: t(`meter.${state}`) }, sign(TONES[state]), h("span", { class: "said" }, t(`meter.${state}`)));
};

// One of several, a tap each. options: [[value, words, tone]]
export function choice(name, options, value, pick, { focus, disabled = false } = {}) {
  return h("div", { class: "choice", role: "group", "aria-label": name }, options.map(([each, words, tone = "plain"]) =>
    h("button", {
      type: "button", class: `pick pick-${tone}`, "aria-pressed": String(each === value), disabled,
      "data-focus": `${focus}.${each}`, onclick: (event) => pick(each, event),
    }, each === value && icon("check"), h("span", {}, words))));
}

let fields = 0;
const waiting = new Set(); // text not yet on the disk: written at once when the page goes away
export const flush = () => Promise.all([...waiting].map((save) => save()));
for (const [target, kind] of [[document, "visibilitychange"], [window, "pagehide"]]) target.addEventListener(kind, flush);

// Text that is kept as it is typed; `save(value)` is called a moment after the last key, and at once on leaving.
export function field(words, value, save, { rows = 1, type = "text", help = null, focus = null, min = null, max = null, disabled = false, must = false } = {}) {
  const id = `field-${(fields += 1)}`;
  const mark = h("span", { class: "field-mark", role: "status" });
  let timer = 0;
  const write = async () => {
    clearTimeout(timer);
    waiting.delete(write);
    await save(input.value);
    mark.replaceChildren(sign("good"), t("kept"));
  };
  const later = () => {
    mark.textContent = "";
    waiting.add(write);
    clearTimeout(timer);
    timer = setTimeout(write, 300);
  };
  const input = h(rows > 1 ? "textarea" : "input", {
    id, class: "input", value: value ?? "", disabled, "data-focus": focus, "aria-describedby": help && `${id}-help`, "aria-required": must ? "true" : null,
    ...(rows > 1 ? { rows } : { type, min, max, autocomplete: "off" }),
    oninput: later, onblur: () => waiting.has(write) && write(),
  });
  return h("div", { class: "field" }, h("label", { for: id }, words, mark), help && h("p", { class: "help", id: `${id}-help` }, help), input);
}

// ---- undo instead of "are you sure?"
let undoTimer = 0;
export function offerUndo(words, undo) {
  const bar = document.getElementById("undo");
  clearTimeout(undoTimer);
  const close = () => bar.replaceChildren();
  bar.replaceChildren(h("div", { class: "undo" }, h("span", {}, words), h("button", {
    type: "button", class: "undo-btn", onclick: async () => {
      close();
      await undo();
    },
  }, icon("history"), t("undo"))));
  undoTimer = setTimeout(close, 9000);
}
export const closeUndo = () => document.getElementById("undo").replaceChildren();
export function tell(words, tone = "watch") {
  const place = document.getElementById("told");
  place.replaceChildren(note(tone, words));
  setTimeout(() => place.replaceChildren(), 6000);
}

// ---- photos of an entry
let busy = 0;
export const isBusy = () => busy > 0;
const withPhotos = (old, all) => ({ ...old, photos: all });

// Scale and stamp what the camera gave, and put it where it belongs, one after the other.
async function develop(live, raws, make, say = () => {}) {
  busy += 1;
  let made = 0;
  for (const [n, raw] of raws.entries()) {
    say(raws.length - n);
    try {
      const taken = await take(raw, { px: live.pack.rules.photo_px, bytes: live.pack.rules.photo_bytes });
      await live.change(raw.key, (old) => {
        const before = (old?.photos ?? []).filter((each) => each.sha256 !== taken.photo.sha256);
        return make(old, [...before, told(taken.photo)], raw.key);
      }, { taken: [{ ...taken, id: raw.id }] });
      made += 1;
    } catch (error) { // no room, no memory, or no picture at all: nothing tells which, so it stays until a person decides (stuck)
      console.warn("field", error.name, error.message);
      tell(error.name === "QuotaExceededError" ? t("noRoom") : t("photoFailed"), "bad");
    }
  }
  busy -= 1;
  return made;
}

// What was interrupted by a crash or a flat battery is taken up again when the visit is opened.
export async function resumePhotos(live) {
  if (!live.canWrite || isBusy()) return;
  const raws = await store.rawOf(live.uid);
  if (!raws.length) return;
  const base = (key) => (key.startsWith("answer:") ? { result: null, reason: null, escalated: false, at: iso() } : key.startsWith("recheck:") ? { findings: "", at: iso() } : {});
  const left = raws.filter(({ key }) => !key.startsWith("finding:") || live.value(key));
  for (const raw of raws) if (!left.includes(raw)) await store.dropRaw(raw.id);
  const made = await develop(live, left, (old, all, key) => ({ ...(old ?? base(key)), photos: all }));
  if (made) tell(t("photoResumed", { n: made }), "good");
}

// Photos that could not be worked up stand as the camera gave them, and nothing is sealed, until they can or a person lets them go.
export async function stuck(ctx) {
  const { live } = ctx;
  const raws = live.canWrite && !isBusy() ? await store.rawOf(live.uid) : [];
  if (!raws.length) return null;
  const discard = async (raw) => {
    await store.dropRaw(raw.id);
    await ctx.refresh();
    offerUndo(t("photoGone"), async () => (await store.keepRaw(raw), ctx.refresh()));
  };
  return box(t("stuckTitle", { n: raws.length }), h("p", { class: "help" }, t("stuckWhy")),
    raws.map((raw) => h("div", { class: "line" }, h("span", {}, `${timeOf(raw.at)} ${raw.words}`), button(t("discard"), () => discard(raw), { symbol: "x", of: raw.words }))),
    button(t("tryAgain"), async () => (await resumePhotos(live), ctx.refresh()), { look: "is-main", symbol: "refresh" }));
}

// The last resort, and plainly what is not in it.
export async function exported() {
  try {
    const [made, left] = [await rescue.download(session.person), await rescue.left(session.person)];
    const words = made ? t("exported", { n: made, time: timeOf(iso()) }) : t("nothingToExport");
    tell(left ? `${words} ${t("exportedLeft", { n: left })}` : words, left ? "watch" : "good");
  } catch {
    tell(t("exportFailed"), "bad");
  }
}

// `make(old, photos)` answers the entry with these photos in it.
export function photos(live, key, list, words, redraw, { make = withPhotos, need = null } = {}) {
  const shots = h("div", { class: "shots" });
  const wait = h("span", { class: "shot-wait", role: "status" });
  const put = async (files) => {
    // first of all as they came: a tablet that dies now has them still
    const raws = [];
    for (const file of files) {
      const raw = { id: crypto.randomUUID(), uid: live.uid, person_id: session.person, key, at: iso(), place: here(), words, data: await file.arrayBuffer() };
      await store.keepRaw(raw);
      raws.push(raw);
    }
    await develop(live, raws, make, (n) => (wait.textContent = t("photoWorks", { n })));
    redraw();
  };
  const remove = async (hash) => {
    const { undo } = await live.change(key, (old) => make(old, old.photos.filter((each) => each.sha256 !== hash)));
    redraw();
    offerUndo(t("photoGone"), async () => {
      await undo();
      redraw();
    });
  };
  list.forEach((photo, n) => {
    const row = live.photos.get(photo.sha256);
    shots.append(h("button", {
      type: "button", class: "shot", "aria-label": t("photoOpen", { n: n + 1, words }), onclick: () => look(live, photo.sha256, () => remove(photo.sha256)),
    }, h("img", { src: row?.thumb ?? "", alt: "", width: 96, height: 96 }), row && dot(row)));
  });
  if (live.canWrite) {
    const input = h("input", {
      type: "file", accept: "image/*", capture: "environment", multiple: true, class: "shot-input", "data-focus": `${key}.photo`,
      "aria-label": t("photoFor", { words }), onchange: ({ target }) => put([...target.files]),
    });
    shots.append(h("label", { class: need && !list.length ? "shot-add is-needed" : "shot-add" }, icon("camera"), h("span", {}, need && !list.length ? need : t("photo")), input));
  }
  shots.append(wait);
  return shots;
}

// One photo, large: drawn, since the page may show no picture that is not its own.
async function look(live, hash, remove) {
  const data = await store.bytesOf(live.uid, hash);
  const row = live.photos.get(hash);
  if (!data) return tell(t("photoMissing"), "bad");
  const picture = await createImageBitmap(new Blob([data], { type: "image/jpeg" }));
  const canvas = h("canvas", { width: picture.width, height: picture.height, class: "look-photo", role: "img", "aria-label": t("photoLarge") });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const dialog = h("dialog", { class: "look", "aria-label": t("photoLarge") }, canvas, h("div", { class: "look-acts" },
    row && dot(row),
    live.canWrite && button(t("photoRemove"), () => (dialog.close(), remove()), { symbol: "x" }),
    button(t("close"), () => dialog.close(), { look: "is-main" })));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return undefined;
}
