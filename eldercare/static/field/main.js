// The tablet page: which screen stands at which address, the bar above, the acts below, and keeping both true.
import { h, icon, sign } from "./dom.js";
import { Live, onNews, timings } from "./live.js";
import * as meter from "./meter.js";
import * as net from "./net.js";
import * as outbox from "./outbox.js";
import { button, closeUndo, flush, isBusy, note, resumePhotos, tell } from "./parts.js";
import * as place from "./place.js";
import * as rescue from "./rescue.js";
import { check, onSession, recall, session } from "./session.js";
import { newer, register, takeNewer } from "./shell.js";
import * as store from "./store.js";
import { t } from "./words.js";
import { findings } from "./screens/finding.js";
import { home, renew } from "./screens/home.js";
import { card, hub } from "./screens/hub.js";
import { missed, signing } from "./screens/end.js";
import { area, areas } from "./screens/list.js";
import { arrive, people, rechecks, residents, shown } from "./screens/steps.js";
import { meterOf, tablet } from "./screens/tablet.js";

const root = document.getElementById("field");
const SCREENS = {
  card, arrive, shown, rechecks, residents, people, missing: missed, sign: signing, meter: meterOf,
  hazards: (ctx, id) => findings(ctx, id), list: (ctx, version, code, item) => (code ? area(ctx, version, code, item) : areas(ctx, version)),
};
let live = null;
let shownAt = null; // the address whose screen stands there
let turn = 0;

const ctx = {
  signIn: root.dataset.signIn,
  memory: {}, // what a screen holds until something is kept
  get live() {
    return live;
  },
  go(to) {
    if (location.hash === to) show();
    else location.hash = to;
  },
  refresh: () => show(false),
  async reload() {
    await live?.reload();
    return show(false);
  },
  signOut: () => document.getElementById("sign-out").requestSubmit(),
};

async function screen() {
  const [kind, uid, name, ...rest] = location.hash.replace(/^#\//, "").split("/").map(decodeURIComponent);
  if (kind === "tablet") return tablet(ctx);
  if (kind !== "visit") {
    live = null;
    return home(ctx);
  }
  if (live?.uid !== uid) {
    live = await new Live(uid).load();
    ctx.memory = {};
    resumePhotos(live).then(() => live?.uid === uid && !inTheMiddle() && show(false));
  }
  const owner = live.row?.person_id ?? live.done?.person_id;
  if (owner !== session.person || (!live.pack && !live.done)) return { title: t("gone"), back: "#/", body: [note("watch", t("goneWhy"))] };
  if (live.done || (live.record && !["meter", "card"].includes(name))) return hub(ctx);
  return (SCREENS[name] ?? hub)(ctx, ...rest);
}

// While a finger is down nothing is put in the place of what it rests on: its tap would count for nothing.
const LONGEST_TAP = 5_000; // ms; a finger that left the glass unseen holds nothing up for ever
let lifted = Promise.resolve();
let lift = () => {};
addEventListener("pointerdown", () => {
  lift();
  lifted = new Promise((done) => {
    lift = done;
    setTimeout(done, LONGEST_TAP);
  });
}, { capture: true });
for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => setTimeout(lift), { capture: true }); // the tap comes first

// `arrived`: the address changed: begin at the top, let a reader of the screen begin at the title.
async function show(arrived = location.hash !== shownAt) {
  const mine = (turn += 1);
  let made;
  try {
    made = await screen();
  } catch (error) {
    made = broken(error);
  }
  await lifted;
  if (mine !== turn) return; // a later one is on its way
  const { title, back, body, foot = [], focusOn = null } = made;
  const held = arrived ? null : document.activeElement?.dataset?.focus;
  document.title = `${title} \u2013 ${root.dataset.platform}`;
  document.querySelector("h1").textContent = title;
  document.getElementById("back").replaceChildren(...(back ? [h("a", { class: "bar-back", href: back, "aria-label": t("goBack") }, icon("left"))] : []));
  const main = document.getElementById("content");
  main.replaceChildren(...body.flat(4).filter((each) => each instanceof Node));
  document.getElementById("foot").replaceChildren(...foot.flat(2).filter((each) => each instanceof Node));
  shownAt = location.hash;
  if (arrived) {
    scrollTo(0, 0);
    const goal = focusOn && document.getElementById(focusOn);
    if (goal) {
      goal.scrollIntoView({ block: "start" });
      goal.focus({ preventScroll: true });
    } else if (turn > 1) document.querySelector("h1").focus({ preventScroll: true });
  } else if (held) document.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

// ---- the pill above: how much of everything is where
let pillTimer = 0;
function renewPill() {
  clearTimeout(pillTimer);
  pillTimer = setTimeout(async () => {
    const pill = document.getElementById("pill");
    const sum = session.person ? await meter.ofPerson(session.person).catch(() => null) : null;
    const open = sum ? sum.all - sum.confirmed : 0;
    let [tone, words] = ["good", t("pillClear")];
    if (sum?.all && !open) words = t("pillConfirmed", { n: sum.all });
    else if (open) [tone, words] = ["watch", t("pillOpen", { n: open })];
    if (session.state === "out" && open) [tone, words] = ["bad", t("pillSignIn", { n: open })];
    else if (outbox.sender().sending) [tone, words] = ["active", t("pillSending", { n: open })];
    else if (!navigator.onLine) words = open ? t("pillOffline", { n: open }) : t("pillOfflineClear");
    pill.replaceChildren(sign(tone), h("span", {}, words));
    const live_ = document.getElementById("pill-said");
    if (live_.textContent !== words) live_.textContent = words;
    pill.href = live && !live.done ? `#/visit/${live.uid}/meter` : "#/tablet";
    newVersion();
  }, 350);
}

// A newer version is offered between two acts, never taken by itself.
function newVersion() {
  const bar = document.getElementById("newer");
  const signing_ = document.querySelector("canvas.pad");
  const typing = document.activeElement?.matches?.("input, textarea");
  if (!newer() || isBusy() || signing_ || typing) bar.replaceChildren();
  else if (!bar.firstChild) bar.append(note("active", h("span", {}, t("newVersion")), button(t("takeNew"), async () => (await flush(), takeNewer()), { look: "is-main" })));
}

// What happens elsewhere is shown, unless somebody is writing, signing or taking a photo just now.
const inTheMiddle = () => isBusy() || document.querySelector("canvas.pad, dialog[open]") || document.activeElement?.matches?.("input:not([type=file]), textarea, select");
let newsTimer = 0;
async function heard(news, mine) {
  renewPill();
  const ours = live && news.uid === live.uid;
  if (ours && (!mine || news.sent || news.confirmed || !news.key)) {
    clearTimeout(newsTimer);
    newsTimer = setTimeout(async () => {
      if (!live) return;
      await live.reload();
      const screen_ = location.hash.split("/")[3];
      if (news.confirmed || (!inTheMiddle() && (!mine || news.sent === undefined || screen_ === "meter"))) show(false);
    }, 300);
  } else if (!live && !inTheMiddle() && (news.uid || news.sender)) {
    clearTimeout(newsTimer);
    newsTimer = setTimeout(() => live || show(false), 500);
  }
  if (mine && news.key) outbox.kick();
  if (mine && news.sender && !outbox.sender().sending) await store.wipeDone(live?.uid);
}

// Whatever fails: what is on the tablet can still be taken off it.
function broken(error) {
  console.warn("field", error?.name, error?.message);
  return {
    title: t("brokenTitle"), back: "#/",
    body: [note("bad", h("p", {}, t("brokenWhy")), h("p", { class: "quiet" }, `${error?.name ?? ""} ${error?.message ?? ""}`.slice(0, 200))),
      button(t("exportFile"), () => rescue.download(session.person).catch(() => alert(t("exportFailed"))), { symbol: "download", look: "is-main" }),
      button(t("reload"), () => location.reload(), { symbol: "refresh" })],
  };
}

export async function begin() {
  window.eldercareField = { timings, session, sender: outbox.sender, version: session.app };
  addEventListener("hashchange", async () => {
    await flush();
    closeUndo();
    await show(true);
    renewPill();
  });
  // a write that failed is said at once: nothing may look kept that is not
  addEventListener("unhandledrejection", async ({ reason }) => {
    console.warn("field", reason?.name, reason?.message);
    tell(t(reason instanceof store.Sealed ? "unsealed.sealed" : "notKept"), "bad");
    await ctx.reload();
  });
  for (const kind of ["online", "offline"]) addEventListener(kind, renewPill);
  document.addEventListener("focusout", () => setTimeout(newVersion, 500));
  onNews(heard);
  onSession(async (other) => {
    if (other) live = null;
    renewPill();
    if (other || !inTheMiddle()) await show(false);
  });
  document.getElementById("sign-out").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const { csrf } = await net.token();
      event.target.elements.csrf_token.value = csrf;
      event.target.submit();
    } catch {
      location.assign(ctx.signIn);
    }
  });
  register(renewPill, () => live || inTheMiddle() || show(false)).catch(() => {});
  try {
    await recall();
  } catch (error) {
    document.getElementById("content").replaceChildren(...broken(error).body);
    return;
  }
  await show(true);
  renewPill();
  await store.wipeDone(live?.uid);
  if (navigator.onLine) {
    if (await check()) await renew(ctx);
  }
  outbox.start();
  if (session.person) place.ask(5);
}
