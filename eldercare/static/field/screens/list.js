// A list: its areas, then the items of one area with big targets. Only the area looked at is drawn.
import { h, icon, sign, swap } from "../dom.js";
import { iso, today } from "../clock.js";
import { button, choice, dot, field, link, offerUndo, photos } from "../parts.js";
import { FAULTS, applies, findingsOf, inArea, key, progress, proposed } from "../rules.js";
import { lang, pick, t } from "../words.js";
import { findingPanel } from "./finding.js";

const TONES = { conform: "good", partial: "watch", nonconform: "bad", not_applicable: "plain" };

export function areas(ctx, version) {
  const { live } = ctx;
  const list = live.pack.lists.find((each) => String(each.version_id) === version);
  if (!list) return { title: t("gone"), back: `#/visit/${live.uid}`, body: [] };
  return {
    title: pick(list), back: `#/visit/${live.uid}`,
    body: [
      h("p", { class: "lede" }, t("edition", { n: list.version })),
      h("nav", { class: "steps", "aria-label": t("areas") }, list.areas.map((area) => {
        const { all, done, faults } = progress(live.pack, live.entries, list, area.code);
        return h("a", { class: done === all ? "step is-done" : "step", href: `#/visit/${live.uid}/list/${version}/${area.code}` },
          h("span", { class: "step-sign" }, sign(all === 0 ? "quiet" : done === all ? "good" : "active")), h("span", { class: "step-name" }, pick(area)),
          h("span", { class: "step-how" }, all ? `${t("ofItems", { done, all })}${faults ? ` \u00b7 ${t("faults", { n: faults })}` : ""}` : t("noneApplies")), icon("right"));
      })),
    ],
    foot: [link(t("overview"), `#/visit/${live.uid}`, { symbol: "left" }), link(t("stepMissing"), `#/visit/${live.uid}/missing`, { symbol: "list" }), first(ctx, list)],
  };
}
function first(ctx, list) {
  const next = list.areas.find((area) => {
    const { all, done } = progress(ctx.live.pack, ctx.live.entries, list, area.code);
    return done < all;
  });
  return next && link(t("goOn", { what: pick(next) }), `#/visit/${ctx.live.uid}/list/${list.version_id}/${next.code}`, { look: "is-main", symbol: "right" });
}

export function area(ctx, version, code, only = null) {
  const { live } = ctx;
  const list = live.pack.lists.find((each) => String(each.version_id) === version);
  const at = list?.areas.findIndex((each) => each.code === code) ?? -1;
  if (at < 0) return areas(ctx, version);
  const items = inArea(list, code);
  const [on, off] = [items.filter(applies), items.filter((each) => !applies(each))];
  const count = h("p", { class: "lede", role: "status" });
  const tally = () => {
    const { all, done } = progress(live.pack, live.entries, list, code);
    count.textContent = t("ofItems", { done, all });
  };
  tally();
  const to = (other) => `#/visit/${live.uid}/list/${version}/${list.areas[other].code}`;
  return {
    title: pick(list.areas[at]), back: `#/visit/${live.uid}/list/${version}`, focusOn: only && `item-${only}`,
    body: [
      count,
      ...on.map((item) => card(ctx, list, item, tally)),
      off.length > 0 && h("details", { class: "box folded" }, h("summary", {}, t("notByRule", { n: off.length })),
        h("ul", { class: "rows" }, off.map((item) => h("li", {}, h("b", {}, item.code), ` ${pick(item)}`)))),
    ],
    foot: [
      at > 0 ? link(t("before"), to(at - 1), { symbol: "left" }) : link(t("overview"), `#/visit/${live.uid}`, { symbol: "left" }),
      live.canWrite && button(t("restConform"), () => rest(ctx, list, on, tally), { symbol: "check" }),
      at < list.areas.length - 1 ? link(t("nextArea", { what: pick(list.areas[at + 1]) }), to(at + 1), { look: "is-main", symbol: "right" })
        : link(t("overview"), `#/visit/${live.uid}`, { look: "is-main", symbol: "right" }),
    ],
  };
}

// What is still open in this area is in order: one tap, one undo. Items that want a photo are left to be looked at.
async function rest(ctx, list, items, tally) {
  const { live } = ctx;
  const undos = [];
  for (const item of items) {
    const name = key.answer(list.version_id, item.code);
    const said = live.value(name);
    if (said?.result || (item.photo && !said?.photos?.length)) continue;
    undos.push((await live.change(name, (old) => answer(old, "conform"))).undo);
  }
  tally();
  ctx.refresh();
  if (undos.length) {
    offerUndo(t("restUndo", { n: undos.length }), async () => {
      for (const undo of undos) await undo();
      ctx.refresh();
    });
  } else offerUndo(t("restNothing"), async () => {});
}

const answer = (old, result) => ({
  result, reason: old?.reason ?? null, escalated: result === "nonconform" && Boolean(old?.escalated), photos: old?.photos ?? [], at: iso(),
});

function card(ctx, list, item, tally) {
  const { live } = ctx;
  const name = key.answer(list.version_id, item.code);
  let node = null;
  const redraw = () => {
    tally();
    if (node.isConnected) node = swap(node, draw());
  };
  const draw = () => {
    const said = live.value(name);
    const words = pick(item);
    const options = ["conform", "partial", "nonconform", "not_applicable"].filter((each) => each !== "partial" || item.partial_allowed !== false);
    const wantsReason = said?.result && said.result !== "conform";
    const made = findingsOf(live.entries, list.version_id, item.code);
    return h("article", { class: `item is-${said?.result ?? "open"}`, id: `item-${item.code}`, tabindex: -1, "aria-label": `${item.code} ${words}` },
      h("p", { class: "item-head" }, h("b", { class: "code" }, item.code), h("span", { class: `tag tag-${item.severity}` }, t(`item.${item.severity}`)),
        item.veto && h("span", { class: "tag tag-veto" }, t("veto")), item.method && h("span", { class: "quiet" }, t(`method.${item.method}`)),
        live.entries.has(name) && said && dot(live.entries.get(name))),
      h("p", { class: "item-text" }, words),
      more(item),
      choice(words, options.map((each) => [each, t(`result.${each}`), TONES[each]]), said?.result ?? null, (result, event) => set(ctx, list, item, result, event, redraw), { focus: name, disabled: !live.canWrite }),
      wantsReason && reason(live, name, said, item, redraw),
      photos(live, name, said?.photos ?? [], `${live.pack.facility.name}  ${item.code}`, redraw, {
        make: (old, all) => ({ result: null, reason: null, escalated: false, at: iso(), ...old, photos: all }),
        need: item.photo && said?.result && said.result !== "not_applicable" ? t("photoNeeded") : null,
      }),
      made.map(([id]) => findingPanel(ctx, id, item, redraw)),
      FAULTS.includes(said?.result) && !made.length && live.canWrite && propose(ctx, list, item, said, redraw));
  };
  node = draw();
  return node;
}

function more(item) {
  const major = pick(item, "major_when");
  const basis = (item.basis ?? []).map((each) => `${pick(each)} ${each.clause ?? ""}`.trim()).join(lang() === "zh" ? "\uff1b" : "; ");
  if (!basis && !major) return null;
  return h("details", { class: "item-more" }, h("summary", {}, t("howAndWhy")),
    basis && h("p", { class: "quiet" }, t("basisIs", { words: basis })), major && h("p", { class: "quiet" }, t("majorWhen", { words: major })));
}

// One tap. The same again takes it back; what hung on a fault that is none any more goes with it, and comes back with undo.
async function set(ctx, list, item, result, event, redraw) {
  const { live } = ctx;
  const name = key.answer(list.version_id, item.code);
  const same = live.value(name)?.result === result;
  const undos = [];
  const { undo } = await live.change(name, (old) => {
    if (!same) return answer(old, result);
    return old.photos?.length || old.reason ? { ...answer(old, null), escalated: false } : null;
  }, { since: event.timeStamp });
  undos.push(undo);
  redraw();
  if (same || !FAULTS.includes(result)) {
    for (const [id] of findingsOf(live.entries, list.version_id, item.code)) undos.unshift((await live.change(key.finding(id), () => null)).undo);
    if (undos.length > 1) redraw();
  }
  offerUndo(`${item.code}: ${same ? t("takenBack") : t(`result.${result}`)}`, async () => {
    for (const each of undos) await each();
    redraw();
  });
  // what is to be said next must not lie below the bar that offers the undoing
  if (!same && result !== "conform") document.querySelector(`#item-${CSS.escape(item.code)} .shots`)?.scrollIntoView({ block: "nearest" });
}

function reason(live, name, said, item, redraw) {
  const phrases = said.result === "not_applicable" ? [t("naReason1"), t("naReason2")] : (item.phrases ?? []).map((each) => pick(each)).filter(Boolean);
  const put = async (words) => {
    await live.change(name, (old) => ({ ...old, reason: old.reason?.trim() ? `${old.reason.trim()}${lang() === "zh" ? "\uff1b" : "; "}${words}` : words }));
    redraw();
  };
  return h("div", {},
    field(t("reason"), said.reason, (words) => live.change(name, (old) => old && { ...old, reason: words }), { rows: 2, focus: `${name}.reason`, disabled: !live.canWrite, must: true }),
    live.canWrite && phrases.length > 0 && h("div", { class: "chips", role: "group", "aria-label": t("phrases") },
      phrases.filter((each) => !said.reason?.includes(each)).map((each) => h("button", { type: "button", class: "chip", onclick: () => put(each) }, each))));
}

function propose(ctx, list, item, said, redraw) {
  const { live } = ctx;
  const first_ = proposed(live.pack, item, today());
  const make = async (event) => {
    const id = crypto.randomUUID();
    const words = pick(item);
    const { undo } = await live.change(key.finding(id), () => ({
      ...first_, item: { version_id: list.version_id, code: item.code }, at: iso(),
      description: live.value(key.answer(list.version_id, item.code))?.reason?.trim() || t("notMet", { words }), demand: t("demandIs", { words }),
    }), { since: event.timeStamp });
    redraw();
    offerUndo(t("hazardMade"), async () => {
      await undo();
      redraw();
    });
  };
  return button(t("makeHazard", { severity: t(`severity.${first_.severity}`) }), make, { look: "is-warn", symbol: "flag", focus: `${item.code}.hazard` });
}

