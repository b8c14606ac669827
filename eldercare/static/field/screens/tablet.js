// The meter of a visit, and what there is to say and do about the tablet itself.
import { h, sign } from "../dom.js";
import { timings } from "../live.js";
import * as meter from "../meter.js";
import * as outbox from "../outbox.js";
import { TONES, box, button, exported, facts, flush, link, note, tell } from "../parts.js";
import * as rescue from "../rescue.js";
import { session } from "../session.js";
import { newer, room, takeNewer } from "../shell.js";
import { mayLeave } from "../leaving.js";
import * as store from "../store.js";
import { lang, setLang, t } from "../words.js";
import { meterLine } from "./hub.js";

export async function meterOf(ctx) {
  const { live } = ctx;
  const all = await meter.ofVisit(live.uid);
  const now = outbox.sender();
  return {
    title: t("meterTitle"), back: `#/visit/${live.uid}`,
    body: [
      meterLine(all.sum), h("p", { class: "help" }, t("meterHow")), how(now),
      ...meter.grouped(live.pack, all).map(({ title, rows }) => {
        const sum = Object.fromEntries(["device", "sent", "confirmed"].map((name) => [name, rows.filter((each) => each.state === name).length]));
        return h("details", { class: "box", open: sum.device + sum.sent > 0 && rows.length < 12 }, h("summary", {}, h("b", {}, title), h("span", { class: "quiet" }, ` ${t("meterOf", { ok: sum.confirmed, all: rows.length })}`)),
          h("ul", { class: "rows meter-rows" }, rows.map((row) => h("li", {}, h("span", { class: row.gone ? "is-gone" : null }, row.label), h("span", { class: `dot dot-${row.state}` }, sign(TONES[row.state]), t(`meter.${row.state}`))))));
      }),
    ],
    foot: [link(t("overview"), `#/visit/${live.uid}`, { symbol: "left" }), button(t("sendNow"), () => outbox.now(), { look: "is-main", symbol: "upload" })],
  };
}

function how(now) {
  if (session.state === "out") return note("watch", t("signedOut"));
  if (now.sending) return note("active", t("sending", { done: now.done, todo: now.todo }));
  if (!navigator.onLine) return note("watch", t("offline"));
  return now.waits ? note("watch", t("triesAgain", { s: Math.ceil(now.waits / 1000) })) : null;
}

export async function tablet(ctx) {
  const [sum, space] = await Promise.all([session.person ? meter.ofPerson(session.person) : null, room()]);
  const slow = [...timings].sort((a, b) => a.ms - b.ms);
  return {
    title: t("tablet"), back: "#/",
    body: [
      newer() && note("active", h("p", {}, t("newVersion")), button(t("takeNew"), takeNewer, { look: "is-main", symbol: "refresh" })),
      sum && box(t("meterTitle"), meterLine(sum), h("p", { class: "help" }, t("meterHow")), how(outbox.sender()), button(t("sendNow"), () => outbox.now(), { symbol: "upload" })),
      box(t("rescueTitle"), h("p", {}, t("rescueHow")), button(t("exportFile"), () => exported(), { symbol: "download" })),
      box(t("storageTitle"), facts([
        [t("storageKept"), t(space.kept ? "storageYes" : "storageNo")], [t("storageUsed"), `${(space.usage / 1e6).toFixed(1)} MB`], [t("storageLeft"), `${Math.round(space.left / 1e6)} MB`],
        [t("device"), session.device.slice(0, 8)], [t("version"), session.app], [t("tapTime"), slow.length ? `${Math.round(slow[Math.floor(slow.length / 2)].ms)} ms` : null],
      ]), !space.kept && h("p", { class: "help" }, t("persistWhy")), !space.kept && button(t("persistAsk"), async () => {
        if (!(await navigator.storage.persist())) tell(t("persistNo"));
        ctx.refresh();
      }, { symbol: "lock" })),
      box(t("language"), h("div", { class: "choice" }, [["zh", "\u4e2d\u6587"], ["en", "English"]].map(([code, words]) =>
        h("button", { type: "button", class: "pick pick-plain", lang: code === "zh" ? "zh-Hans" : "en", "aria-pressed": String(lang() === code), onclick: () => (setLang(code), ctx.refresh()) }, words)))),
      box(t("person"), h("p", {}, session.name || t("nobody")), session.person && session.state === "in" && button(t("signOut"), () => signOut(ctx), { symbol: "leave" }),
        session.person && session.state !== "in" && h("p", { class: "help" }, t("signOutOnline"))),
    ],
    foot: [link(t("toVisits"), "#/", { symbol: "left" }), link(t("platform"), "/", { symbol: "home" })],
  };
}

// Nobody leaves unsent work behind by accident, and nobody's work stays for the next one to read.
async function signOut(ctx) {
  await flush();
  if (await mayLeave({ person: session.person, words: t, store, rescue, leave: ctx.signOut, home: null })) ctx.signOut();
}
