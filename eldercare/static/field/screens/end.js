// The end of a visit: what is missing, what was found, who signs; then the record is sealed and queued.
import SignaturePad from "signature_pad";
import { h, icon, sign, strokes } from "../dom.js";
import { deviceMs, iso, timeOf, today } from "../clock.js";
import { box, button, choice, facts, field, flush, link, note, offerUndo, resumePhotos, stuck, tell } from "../parts.js";
import { news } from "../live.js";
import * as outbox from "../outbox.js";
import { build } from "../record.js";
import { isAway, kept, key, missing, progress, resultOf, state } from "../rules.js";
import { session } from "../session.js";
import * as store from "../store.js";
import { pick, t } from "../words.js";
import { away } from "./steps.js";

const up = (ctx) => `#/visit/${ctx.live.uid}`;

export async function missed(ctx) {
  const { live } = ctx;
  const all = missing(live.pack, live.entries, today(), live.over);
  const rows = (list) => h("nav", { class: "steps" }, list.map((each) => h("a", { class: "step", href: `${up(ctx)}/${each.to}` },
    h("span", { class: "step-sign" }, sign(each.must ? "bad" : "watch")), h("span", { class: "step-name" }, said(each)), icon("right"))));
  const must = all.filter((each) => each.must);
  const may = all.filter((each) => !each.must);
  return {
    title: t("stepMissing"), back: up(ctx),
    body: [
      await stuck(ctx),
      must.length ? box(t("mustTitle", { n: must.length }), rows(must)) : note("good", t("nothingMissing")),
      may.length > 0 && box(t("mayTitle", { n: may.length }), h("p", { class: "help" }, t("mayWhy")), rows(may)),
    ],
    foot: [link(t("overview"), up(ctx), { symbol: "left" }), link(t("stepSign"), `${up(ctx)}/sign`, { look: "is-main", symbol: "right" })],
  };
}
const said = (each) => t(each.word, { ...each.given, ...(each.given.area && { area: pick(each.given.area) }) });

export function signing(ctx) {
  const { live } = ctx;
  const { pack, entries } = live;
  const before = missing(pack, entries, today()).filter((each) => each.must);
  const all = missing(pack, entries, today(), live.over).filter((each) => each.must);
  const result = resultOf(entries);
  const found = kept(entries, "finding").map(([, each]) => each);
  const home = live.value("signature:home");
  return {
    title: t("stepSign"), back: up(ctx),
    body: [
      box(t("summary"), facts([
        [t("arrivedAt"), live.value("arrival") && timeOf(live.value("arrival").at)],
        ...pack.lists.map((list) => {
          const { all: n, done, faults } = progress(pack, entries, list);
          return [pick(list), `${t("ofItems", { done, all: n })} \u00b7 ${t("faults", { n: faults })}`];
        }),
        [t("stepHazards"), found.length ? ["general", "serious", "major"].map((grade) => [grade, found.filter((each) => each.severity === grade).length]).filter(([, n]) => n).map(([grade, n]) => `${t(`severity.${grade}`)} ${n}`).join(" \u00b7 ") : t("none")],
        [t("fixedHere"), found.length ? String(found.filter((each) => each.fixed_on_spot).length) : null],
        [t("outcome"), t(`result.${result}`)],
      ])),
      before.length > 0 && note("bad", h("p", {}, t("signLater", { n: before.length })), link(t("stepMissing"), `${up(ctx)}/missing`, { symbol: "list" })),
      ...pack.officers.map((officer) => (isAway(entries, officer) ? box(t("officerSigns", { name: officer.name }), away(ctx, officer)) : signer(ctx, key.officer(officer.id), officer.name, { officer }))),
      homeSigns(ctx, home),
      home?.state === "refused" && signer(ctx, "signature:witness", t("witness"), { asksName: true }),
    ],
    foot: [
      link(t("overview"), up(ctx), { symbol: "left" }),
      live.canWrite && button(t("finish"), () => finish(ctx), { look: "is-main", symbol: "lock", disabled: all.length > 0, focus: "finish" }),
    ],
  };
}

// One who signs: name, pad, or what was signed.
function signer(ctx, name, title, { officer = null, asksName = false, bare = false } = {}) {
  const { live } = ctx;
  const row = state(live.entries, name, live.over);
  const body = [];
  if (row?.state === "signed" && row.strokes) {
    body.push(h("div", { class: "line" }, strokes(row.strokes, t("signatureOf", { name: row.name || title })), h("div", { class: "line-done" }, row.stale ? [sign("bad"), t("stale")] : [sign("good"), t("signedAt", { time: timeOf(row.at) })])));
    if (live.canWrite) {
      body.push(button(t("signAgain"), async () => {
        const { undo } = await live.change(name, () => null);
        ctx.refresh();
        offerUndo(t("signatureGone"), async () => (await undo(), ctx.refresh()));
      }, { symbol: "edit" }));
    }
  } else if (live.canWrite) body.push(...pad(ctx, name, officer?.name ?? row?.name ?? "", asksName));
  return bare ? body : box(officer ? t("officerSigns", { name: officer.name }) : title, ...body);
}

function pad(ctx, name, known, asksName) {
  const { live } = ctx;
  let who = known;
  const canvas = h("canvas", { class: "pad", "aria-label": t("padLabel", { name: known || t("signature") }), role: "img", tabindex: 0 });
  let ink = null;
  requestAnimationFrame(() => {
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = Math.max(devicePixelRatio || 1, 1);
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    ink = new SignaturePad(canvas, { penColor: "#0b2540", minWidth: 1, maxWidth: 3 });
  });
  const accept = async (event) => {
    const lines = (ink?.toData() ?? []).map(({ points }) => points.map(({ x, y }) => [Math.round(x), Math.round(y)]));
    if (lines.flat().length < 5) return tell(t("padEmpty"));
    if (asksName && !who.trim()) return tell(t("padName"));
    const box_ = canvas.getBoundingClientRect();
    await live.change(name, () => ({
      state: "signed", name: who.trim(), reason: null, strokes: { w: Math.round(box_.width), h: Math.round(box_.height), lines }, over: live.over, at: iso(),
    }), { since: event.timeStamp });
    return ctx.refresh();
  };
  return [
    asksName && field(t("name"), who, (value) => (who = value), { focus: `${name}.name`, must: true }),
    h("p", { class: "help" }, t("padHow")), canvas,
    h("div", { class: "row-acts" }, button(t("padClear"), () => ink?.clear(), { symbol: "x", of: known || t("signature") }),
      button(t("padAccept"), accept, { look: "is-main", symbol: "check", focus: name, of: known || t("signature") })),
  ];
}

function homeSigns(ctx, home) {
  const { live } = ctx;
  const way = home?.state ?? ctx.memory.homeWay ?? null;
  const set = (change) => live.change("signature:home", (old) => ({ name: "", reason: "", strokes: null, ...old, ...change, at: iso(), over: live.over }));
  const choose = async (chosen) => {
    ctx.memory.homeWay = chosen;
    if (chosen === "signed") {
      if (home && home.state !== "signed") await live.change("signature:home", () => null);
    } else await set({ state: chosen, strokes: null });
    ctx.refresh();
  };
  return box(t("homeSigns"),
    choice(t("homeSigns"), [["signed", t("sig.signed"), "good"], ["refused", t("sig.refused"), "bad"], ["absent", t("sig.absent"), "watch"]], way, choose, { focus: "home", disabled: !live.canWrite }),
    way === "signed" && signer(ctx, "signature:home", t("theHome"), { asksName: true, bare: true }),
    (way === "refused" || way === "absent") && home && [
      way === "refused" && field(t("whoRefused"), home.name, (value) => set({ name: value }), { focus: "home.name", disabled: !live.canWrite }),
      field(t("whyUnsigned"), home.reason, (value) => set({ reason: value }), { rows: 2, focus: "home.reason", disabled: !live.canWrite, must: true }),
      way === "refused" && note("watch", t("refusedHow")),
    ]);
}

// Sealed: the text and its hash are written, nothing changes any more, and the outbox takes it.
async function finish(ctx) {
  const { live } = ctx;
  await flush();
  await resumePhotos(live);
  await live.queue;
  const left = missing(live.pack, live.entries, today(), live.over).filter((each) => each.must);
  if (left.length) return ctx.refresh();
  const at = iso();
  const record = await build({ pack: live.pack, entries: live.entries, device: session.device, app: session.app, endedAt: at, deviceMs: deviceMs() });
  const hashes = new Map([...live.entries.values()].map((each) => [each.key, each.hash]));
  const why = await store.seal({ uid: live.uid, person_id: session.person, ...record, sealed_at: at, sent: false, ok: false }, hashes);
  if (why) tell(t(`unsealed.${why}`));
  if (why === "photos") return ctx.go(`${up(ctx)}/missing`);
  news({ uid: live.uid });
  outbox.kick(200);
  await ctx.reload();
  return ctx.go(up(ctx));
}

