// A visit: what to do, in the order of the day, each with how far it is; and what there is to know about the place.
import { h, icon, sign } from "../dom.js";
import { timeOf, today } from "../clock.js";
import * as meter from "../meter.js";
import { box, button, clockNote, exported, facts, link, note, stuck, tell } from "../parts.js";
import { kept, key, missing, present, progress, resultOf, state } from "../rules.js";
import * as store from "../store.js";
import * as outbox from "../outbox.js";
import { offer } from "../takeover.js";
import { day, has, lang, pick, t } from "../words.js";
import { getAll, windowOf } from "./home.js";

const SHOWN = 4000; // how long the confirmation stands before the visit leaves the tablet

export async function hub(ctx) {
  const { live } = ctx;
  const { pack } = live;
  if (live.done) return confirmed(ctx);
  if (live.record) return sealed(ctx);
  const { entries } = live;
  const to = (screen) => `#/visit/${live.uid}/${screen}`;
  const team = present(pack, entries);
  const shown = team.filter((each) => live.value(key.certificate(each.id))).length;
  const rechecks = pack.hazards.filter((each) => each.to_recheck);
  const rechecked = rechecks.filter((each) => live.value(key.recheck(each.id))?.passed !== undefined).length;
  const seen = pack.residents.filter((each) => live.value(key.resident(each.id))).length;
  const arrival = live.value("arrival");
  const notice = live.value("notice");
  const found = kept(entries, "finding").length;
  const signed = [...pack.officers.map((each) => key.officer(each.id)), "signature:home"].filter((name) => {
    const said = state(entries, name, live.over);
    return said && !said.stale;
  }).length;
  const left = missing(pack, entries, today(), live.over).filter((each) => each.must).length;
  const steps = [
    ["arrive", t("stepArrive"), arrival ? timeOf(arrival.at) : t("notYet"), Boolean(arrival)],
    ["shown", t("stepShown"), `${shown}/${team.length} \u00b7 ${t(notice ? "noticeGiven" : "noticeOpen")}`, shown === team.length && notice],
  ];
  for (const list of pack.lists) {
    const { all, done, faults } = progress(pack, entries, list);
    steps.push([`list/${list.version_id}`, pick(list), `${t("ofItems", { done, all })}${faults ? ` \u00b7 ${t("faults", { n: faults })}` : ""}`, done === all]);
  }
  if (rechecks.length) steps.push(["rechecks", t("stepRechecks"), `${rechecked}/${rechecks.length}`, rechecked === rechecks.length]);
  if (pack.residents.length) steps.push(["residents", t("stepResidents"), `${seen}/${pack.residents.length}`, seen === pack.residents.length]);
  steps.push(
    ["hazards", t("stepHazards"), t("countOf", { n: found }), null],
    ["people", t("stepPeople"), t(`result.${resultOf(entries)}`), null],
    ["missing", t("stepMissing"), left ? t("mustLeft", { n: left }) : t("nothingMissing"), left === 0],
    ["sign", t("stepSign"), `${signed}/${pack.officers.length + 1}`, signed === pack.officers.length + 1],
  );
  return {
    title: pack.facility.name, back: "#/",
    body: [
      live.row?.trouble && trouble(ctx),
      offer(ctx),
      clockNote(live),
      await stuck(ctx),
      !pack.i_lead && note("watch", t("onlyReads", { name: pack.officers.find((each) => each.lead)?.name ?? "" })),
      h("p", { class: "lede" }, [has(`kind.${pack.kind}`) ? t(`kind.${pack.kind}`) : pack.kind, day(pack.planned_on), windowOf(pack)].filter(Boolean).join(" \u00b7 ")),
      h("nav", { class: "steps", "aria-label": t("steps") },
        h("a", { class: "step", href: to("card") }, h("span", { class: "step-sign" }, icon("building")), h("span", { class: "step-name" }, t("stepCard")), h("span", { class: "step-how" }, hintOf(pack)), icon("right")),
        steps.map(([screen, name, how, isDone]) => h("a", { class: isDone ? "step is-done" : "step", href: to(screen) },
          h("span", { class: "step-sign" }, sign(isDone === null ? "quiet" : isDone ? "good" : "active")), h("span", { class: "step-name" }, name), h("span", { class: "step-how" }, how), icon("right")))),
    ],
    foot: [link(t("meterTitle"), to("meter"), { symbol: "shield" }), link(t("stepMissing"), to("missing"), { symbol: "list" }), nextStep(ctx, steps, to)],
  };
}

function nextStep(ctx, steps, to) {
  const next = steps.find(([, , , isDone]) => isDone === false || isDone === null ? isDone === false : !isDone);
  return next && ctx.live.canWrite && link(t("goOn", { what: next[1] }), to(next[0]), { look: "is-main", symbol: "right" });
}
const hintOf = (pack) => {
  const open = pack.hazards.length;
  const late = pack.hazards.filter((each) => each.overdue_days > 0).length;
  return open ? `${t("openHazards", { n: open })}${late ? ` \u00b7 ${t("lateHazards", { n: late })}` : ""}` : t("noHazards");
};

function trouble(ctx) {
  const said = ctx.live.row.trouble;
  const known = has(`trouble.${said.code}`) ? t(`trouble.${said.code}`) : t("trouble.other", { code: said.code });
  // by key, as the server names them: an item says which one it is
  const details = said.details && typeof said.details === "object"
    ? Object.entries(said.details).filter(([, words]) => typeof words === "string").map(([name, words]) => (words === name ? meter.label(ctx.live.pack, ctx.live.entries, name) : name.startsWith("answer:") ? `${name.split(":")[2]}: ${words}` : words)) : [];
  return note("bad", h("p", {}, known), said.message && h("p", {}, said.message), details.length > 0 && h("ul", {}, details.slice(0, 8).map((each) => h("li", {}, each))),
    button(t("exportFile"), () => exported(), { symbol: "download" }),
    button(t("tryAgain"), async () => {
      await store.setTrouble(ctx.live.uid, null);
      outbox.now();
      await ctx.reload();
    }, { symbol: "refresh" }));
}

// Finished, on its way: nothing changes any more, unless the server refused it or it was never sent.
async function sealed(ctx) {
  const { live } = ctx;
  const { sum } = await meter.ofVisit(live.uid);
  return {
    title: live.pack.facility.name, back: "#/",
    body: [
      live.row?.trouble ? trouble(ctx) : note("active", h("p", {}, t("sealedWaits")), h("p", {}, t("sealedHow"))),
      box(t("theRecord"), facts([[t("sealedAt"), `${day(live.record.sealed_at)} ${timeOf(live.record.sealed_at)}`], ["SHA-256", h("span", { class: "hash" }, live.record.sha256)]])),
      box(t("meterTitle"), meterLine(sum)),
    ],
    foot: [
      link(t("meterTitle"), `#/visit/${live.uid}/meter`, { symbol: "shield" }),
      store.mayOpen(live.record) && button(t("openAgain"), async () => {
        if (!(await store.reopen(live.uid))) tell(t("onItsWay"));
        return ctx.reload();
      }, { symbol: "edit" }),
      button(t("sendNow"), () => outbox.now(), { look: "is-main", symbol: "upload" }),
    ],
  };
}

export function meterLine(sum) {
  return h("div", { class: "meter" }, ["device", "sent", "confirmed"].map((name) =>
    h("div", { class: `meter-part meter-${name}` }, h("b", {}, String(sum[name])), h("span", {}, t(`meter.${name}`)))));
}

// The server holds it, under our hash: said where it is seen, and then the visit leaves the tablet.
function confirmed(ctx) {
  const { live } = ctx;
  const { done } = live;
  if (live.pack) leave(ctx);
  return {
    title: done.name, back: "#/",
    body: [
      note("good", h("p", {}, t("confirmedWords", { number: done.number })), h("p", {}, live.pack ? t("leavesSoon") : t("hasLeft"))),
      box(t("theRecord"), facts([
        [t("number"), done.number], [t("confirmedAt"), `${day(done.at)} ${timeOf(done.at)}`], [t("editionName"), t("edition", { n: done.revision })],
        ["SHA-256", h("span", { class: "hash" }, done.sha256)],
      ])),
    ],
    foot: [link(t("toVisits"), "#/", { look: "is-main" })],
  };
}
let leaving = null;
function leave(ctx) {
  const { uid } = ctx.live;
  if (leaving === uid) return;
  leaving = uid;
  const seen = async () => {
    if (document.hidden) return void document.addEventListener("visibilitychange", seen, { once: true });
    await new Promise((done) => setTimeout(done, SHOWN));
    await store.wipeVisit(uid);
    leaving = null;
    await ctx.reload();
  };
  seen();
}

// What is known of the place before one knocks.
export function card(ctx) {
  const { pack } = ctx.live;
  const { facility } = pack;
  const onDuty = pack.people.filter((each) => each.on_duty);
  return {
    title: facility.name, back: `#/visit/${ctx.live.uid}`,
    body: [
      box(t("stepCard"), facts([
        [t("address"), facility.address], [t("phone"), facility.phone && h("a", { href: `tel:${facility.phone}` }, facility.phone)], [t("head"), facility.head],
        [t("legalPerson"), facility.legal_person], [t("beds"), facility.beds_set !== null && facility.beds_set !== undefined && String(facility.beds_set)],
        [t("inResidence"), facility.in_residence !== null && facility.in_residence !== undefined && String(facility.in_residence)],
        [t("safetyOfficer"), facility.safety_officer], [t("creditClass"), facility.credit_class],
        [t("licences"), facility.licences?.length > 0 && h("ul", { class: "rows" }, facility.licences.map((each) => h("li", {}, pick(each.type), each.valid_to && h("span", { class: "quiet" }, t("validTo", { day: day(each.valid_to) })))))],
      ])),
      box(t("whyHere"), facts([[t("basis"), pack.basis], [t("purpose"), pack.purpose], [t("officers"), pack.officers.map((each) => each.name + (each.lead ? ` (${t("lead")})` : "")).join(", ")]])),
      box(t("openHazards", { n: pack.hazards.length }), pack.hazards.length ? h("ul", { class: "rows" }, pack.hazards.map(hazardRow)) : h("p", {}, t("noHazards"))),
      box(t("lastVisit"), ...(pack.last ? [facts([[t("on"), day(pack.last.on)], [t("score"), pack.last.score !== null && pack.last.score !== undefined ? `${pack.last.score}${pack.last.grade ? ` \u00b7 ${pick(pack.last.grade)}` : ""}` : null]]),
        h("ul", { class: "rows" }, (pack.last.findings ?? []).map((each) => h("li", {}, h("b", {}, each.code), ` ${each.text || pick(each)}`, each.result && has(`result.${each.result}`) && h("span", { class: "quiet" }, ` ${t(`result.${each.result}`)}`))))] : [h("p", {}, t("noLast"))])),
      box(t("people"), onDuty.length ? h("ul", { class: "rows" }, onDuty.map(staffRow)) : h("p", {}, t(pack.people.length ? "nobodyOnDuty" : "nobodyKnown"))),
      onDuty.length < pack.people.length && h("details", { class: "box" }, h("summary", {}, t("peopleOff", { n: pack.people.length - onDuty.length })),
        h("ul", { class: "rows" }, pack.people.filter((each) => !each.on_duty).map(staffRow))),
    ],
    foot: [button(t("getAgain"), () => getAll(ctx, [ctx.live.row]), { symbol: "refresh" }), link(t("goBack"), `#/visit/${ctx.live.uid}`, { look: "is-main" })],
  };
}

export const hazardRow = (each) => h("li", {},
  h("b", {}, each.number ?? ""), " ", h("span", { class: `tag tag-${each.severity}` }, t(`severity.${each.severity}`)), " ", each.description,
  h("span", { class: "quiet" }, [each.due_on && t("dueOn", { day: day(each.due_on) }), each.overdue_days > 0 && t("lateBy", { n: each.overdue_days }), each.to_recheck && t("waitsRecheck")].filter(Boolean).join(" \u00b7 ")),
  each.reply && h("p", { class: "quiet" }, t("replied", { words: each.reply.measures })));

const paper = (one) => `${pick(one.kind)}${one.valid_to ? ` (${t("validTo", { day: day(one.valid_to) })})` : ""}`;
const staffRow = (each) => h("li", {}, h("b", {}, each.name), ` ${pick(each.post)}`,
  each.certificates?.length > 0 && h("span", { class: "quiet" }, each.certificates.map(paper).join(lang() === "zh" ? "\u3001" : ", ")));
