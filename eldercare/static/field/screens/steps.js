// The short steps: arriving, certificates and notice, rechecks, residents, people and the outcome.
import { h, icon, sign } from "../dom.js";
import { dayOf, iso, localOf, momentOf, timeOf } from "../clock.js";
import { box, button, choice, clockNote, dot, facts, field, link, note, offerUndo, photos, tell } from "../parts.js";
import * as place from "../place.js";
import { clockIsBehind, fewest, isAway, key, kept, mayBeAway, proposedResult, resultOf } from "../rules.js";
import { day, pick, t } from "../words.js";
import { hazardRow } from "./hub.js";

const up = (ctx) => `#/visit/${ctx.live.uid}`;
const on = (ctx, screen) => [link(t("overview"), up(ctx), { symbol: "left" }), link(t("next"), `${up(ctx)}/${screen}`, { look: "is-main", symbol: "right" })];
const saved = (ctx, name) => {
  const row = ctx.live.entries.get(name);
  return row && !row.value.gone && dot(row);
};

// An act with its undo: `make(old)` is the new entry.
async function act(ctx, name, make, words, event = null) {
  const { undo } = await ctx.live.change(name, make, { since: event?.timeStamp ?? null });
  ctx.refresh();
  offerUndo(words, async () => {
    await undo();
    ctx.refresh();
  });
}

// What was taken back or set right before stays with the entry when it is made again.
const earlier = (ctx, name) => {
  const { was } = ctx.live.entries.get(name)?.value ?? {};
  return was && { was };
};

// Not on a day before the visit was taken along, and not ahead of a clock that goes right as far as is known.
const canBe = ({ pack, entries }, at) =>
  dayOf(at) >= dayOf(pack.made_at) && (clockIsBehind(pack, entries, iso()) || Date.parse(at) <= Date.parse(iso()) + 60_000);

// A tap by mistake, or by a clock that was wrong: set right or taken back with a reason, what stood there stays with it.
function amend(ctx, name, of, { timed = false } = {}) {
  const { live, memory } = ctx;
  const said = live.value(name);
  if (!said || !live.canWrite) return null;
  if (memory.amend?.name !== name) {
    return button(t("notRight"), () => {
      memory.amend = { name, at: localOf(said.at), reason: "" };
      ctx.refresh();
    }, { symbol: "edit", of });
  }
  const draft = memory.amend;
  const keep = async (make) => {
    if (!draft.reason.trim()) return tell(t("sayWhy"));
    if (!momentOf(draft.at)) return tell(t("sayWhen"));
    if (timed && !canBe(live, momentOf(draft.at))) return tell(t("timeOutside"));
    await live.change(name, (old) => old && make({ ...old, was: [...(old.was ?? []), { at: old.at, reason: draft.reason.trim(), set_at: iso() }] }));
    memory.amend = null;
    return ctx.refresh();
  };
  return h("div", {},
    timed && field(t("rightTime"), draft.at, (at) => (draft.at = at), { type: "datetime-local", focus: `${name}.at`, must: true }),
    field(t("whyWrong"), draft.reason, (reason) => (draft.reason = reason), { rows: 2, focus: `${name}.reason`, must: true }),
    h("div", { class: "row-acts" },
      button(t("takeBack"), () => keep(({ was }) => ({ gone: true, was })), { symbol: "x", of }),
      timed && button(t("setTime"), () => keep((old) => ({ ...old, at: momentOf(draft.at) })), { look: "is-main", symbol: "check", of })));
}

// One of the team who did not come, while enough are there to sign (domain.md §5.3 (1), (4)).
export function away(ctx, officer) {
  const { live } = ctx;
  const name = key.officer(officer.id);
  if (isAway(live.entries, officer)) {
    return [
      note("watch", t("isAway", { name: officer.name })),
      field(t("whyAway"), live.value(name).reason, (reason) => live.change(name, (old) => old && { ...old, reason }), { rows: 2, focus: `${name}.reason`, disabled: !live.canWrite, must: true }),
      live.canWrite && button(t("isThere"), (event) => act(ctx, name, () => null, t("isThereUndo", { name: officer.name }), event), { symbol: "check", of: officer.name }),
    ];
  }
  const absent = () => ({ state: "absent", name: officer.name, reason: "", strokes: null, over: live.over, at: iso() });
  return live.canWrite && mayBeAway(live.pack, live.entries, officer)
    && button(t("notThere"), (event) => act(ctx, name, absent, t("isAway", { name: officer.name }), event), { symbol: "x", of: officer.name });
}

// ---- arriving
export function arrive(ctx) {
  const { live } = ctx;
  const arrival = live.value("arrival");
  const come = async (event) => {
    await act(ctx, "arrival", () => ({ at: iso(), position: null, ...earlier(ctx, "arrival") }), t("arrivedUndo"), event);
    const position = await place.ask(); // may take long in a cellar: the arrival itself is kept already
    if (position && live.value("arrival")) await live.change("arrival", (old) => old && { ...old, position });
    ctx.refresh();
  };
  const late = dayOf(iso()) !== live.pack.planned_on;
  return {
    title: t("stepArrive"), back: up(ctx),
    body: [
      clockNote(live),
      late && !arrival && note("watch", t("otherDay", { day: day(live.pack.planned_on) })),
      arrival
        ? box(null, facts([[t("arrivedAt"), `${day(dayOf(arrival.at))} ${timeOf(arrival.at)}`],
          [t("position"), arrival.position ? `${arrival.position.lat}, ${arrival.position.lon} \u00b1${arrival.position.accuracy} m` : t(place.refusal ? `position.${place.refusal}` : "position.none")]]), saved(ctx, "arrival"))
        : box(null, h("p", {}, live.pack.facility.name), h("p", {}, live.pack.facility.address), h("p", { class: "quiet" }, t("positionWhy"))),
      !arrival && live.canWrite && button(t("arrived"), come, { look: "is-main is-big", symbol: "pin" }),
      arrival && !arrival.position && live.canWrite && button(t("positionAgain"), async () => {
        const position = await place.ask();
        if (position) await live.change("arrival", (old) => old && { ...old, position });
        ctx.refresh();
      }, { symbol: "pin" }),
      amend(ctx, "arrival", t("stepArrive"), { timed: true }),
    ],
    foot: on(ctx, "shown"),
  };
}

// ---- certificates and the notice
export function shown(ctx) {
  const { live } = ctx;
  const { pack } = live;
  const notice = live.value("notice");
  const set = (change, since = null) => live.change("notice", (old) => ({ at: iso(), way: "in_person", to: "", ...old, ...change }), { since });
  return {
    title: t("stepShown"), back: up(ctx),
    body: [
      pack.officers.length < fewest(pack) && note("bad", t("officersFew", { n: fewest(pack) })),
      box(t("certificates"), pack.officers.map((officer) => {
        const name = key.certificate(officer.id);
        const said = live.value(name);
        const isOver = officer.valid_to < pack.planned_on;
        if (isAway(live.entries, officer)) return away(ctx, officer);
        return [h("div", { class: "line" },
          h("div", {}, h("b", {}, officer.name), h("p", { class: "quiet" }, t("certificateNo", { number: officer.certificate_no, day: day(officer.valid_to) })), isOver && note("bad", t("certificateOver"))),
          said ? h("div", { class: "line-done" }, sign("good"), t("shownAt", { time: timeOf(said.at) }), saved(ctx, name))
            : live.canWrite && button(t("wasShown"), (event) => act(ctx, name, () => ({ at: iso(), ...earlier(ctx, name) }), t("shownUndo", { name: officer.name }), event), { look: "is-main", symbol: "check", of: officer.name })),
        amend(ctx, name, officer.name), !said && away(ctx, officer)];
      })),
      box(t("notice"),
        h("p", { class: "help" }, t("noticeWhy")),
        choice(t("noticeWay"), ["in_person", "ahead", "left"].map((way) => [way, t(`way.${way}`)]), notice?.way ?? null, async (way, event) => {
          await set({ way }, event.timeStamp);
          ctx.refresh();
        }, { focus: "notice", disabled: !live.canWrite }),
        notice && field(t("noticeTo"), notice.to, (to) => set({ to }), { focus: "notice.to", disabled: !live.canWrite }),
        notice && !notice.to && chips([pack.facility.head, pack.facility.legal_person].filter(Boolean), async (to) => {
          await set({ to });
          ctx.refresh();
        }),
        notice && h("p", { class: "line-done" }, t("givenAt", { time: timeOf(notice.at) }), saved(ctx, "notice"))),
    ],
    foot: on(ctx, `list/${pack.lists[0]?.version_id ?? ""}`),
  };
}
const chips = (list, pickOne) => h("div", { class: "chips" }, [...new Set(list)].map((each) => h("button", { type: "button", class: "chip", onclick: () => pickOne(each) }, each)));

// ---- rechecks
export function rechecks(ctx) {
  const { live } = ctx;
  return {
    title: t("stepRechecks"), back: up(ctx),
    body: live.pack.hazards.filter((each) => each.to_recheck).map((hazard) => {
      const name = key.recheck(hazard.id);
      const said = live.value(name);
      const set = (change, since = null) => live.change(name, (old) => ({ findings: "", photos: [], ...old, ...change, at: old?.at ?? iso() }), { since });
      return box(null, h("ul", { class: "rows" }, hazardRow(hazard)),
        choice(t("recheckOf", { number: hazard.number ?? "" }), [[true, t("passed"), "good"], [false, t("failed"), "bad"]], said?.passed, async (passed, event) => {
          const { undo } = await set({ passed }, event.timeStamp);
          ctx.refresh();
          offerUndo(t(passed ? "passedUndo" : "failedUndo", { number: hazard.number ?? "" }), async () => (await undo(), ctx.refresh()));
        }, { focus: name, disabled: !live.canWrite }),
        said && !said.findings && live.canWrite && chips([t("recheckGood"), t("recheckPart"), t("recheckBad")], async (findings) => {
          await set({ findings });
          ctx.refresh();
        }),
        said && field(t("recheckWords"), said.findings, (findings) => set({ findings }), { rows: 2, focus: `${name}.words`, disabled: !live.canWrite, must: true }),
        photos(live, name, said?.photos ?? [], `${live.pack.facility.name} ${hazard.number ?? ""}`, ctx.refresh, { make: (old, all) => ({ findings: "", at: iso(), ...old, photos: all }) }),
        saved(ctx, name));
    }),
    foot: on(ctx, live.pack.residents.length ? "residents" : "people"),
  };
}

// ---- residents drawn at random by the server
export function residents(ctx) {
  const { live } = ctx;
  return {
    title: t("stepResidents"), back: up(ctx),
    body: [
      h("p", { class: "lede" }, t("residentsWhy")),
      ...live.pack.residents.map((resident) => {
        const name = key.resident(resident.id);
        const said = live.value(name);
        const set = (change, since = null) => live.change(name, (old) => ({ seen: true, result: null, note: "", ...old, ...change, at: old?.at ?? iso() }), { since });
        const choices = [["well", t("resident.well"), "good"], ["concern", t("resident.concern"), "bad"], ["unseen", t("resident.unseen"), "plain"]];
        return box(null,
          h("div", { class: "line" }, h("div", {}, h("b", {}, resident.name), h("p", { class: "quiet" }, [resident.bed, abilityOf(resident.ability_level), ...(resident.watch ?? []).map((each) => pick(each))].filter(Boolean).join(" \u00b7 "))), saved(ctx, name)),
          choice(t("residentHow", { name: resident.name }), choices, said ? (said.seen ? said.result : "unseen") : null, async (result, event) => {
            const { undo } = await set(result === "unseen" ? { seen: false, result: null } : { seen: true, result }, event.timeStamp);
            ctx.refresh();
            offerUndo(t("residentUndo", { name: resident.name, what: t(`resident.${result}`) }), async () => (await undo(), ctx.refresh()));
          }, { focus: name, disabled: !live.canWrite }),
          said && (said.result === "concern" || !said.seen || said.note) && field(t("residentNote"), said.note, (words) => set({ note: words }), { rows: 2, focus: `${name}.note`, disabled: !live.canWrite }));
      }),
    ],
    foot: on(ctx, "people"),
  };
}
const abilityOf = (level) => (level === null || level === undefined ? "" : t("ability", { level: pick(level) || level }));

// ---- people met, notes, outcome
export function people(ctx) {
  const { live } = ctx;
  const { entries, pack } = live;
  const met = kept(entries, "person");
  const names = new Set(met.map(([, each]) => each.name));
  const add = async (name = "", post = "") => {
    const id = key.person(crypto.randomUUID());
    const { undo } = await live.change(id, () => ({ name, post, at: iso() }));
    ctx.refresh();
    offerUndo(t("personAdded", { name: name || t("somebody") }), async () => (await undo(), ctx.refresh()));
  };
  const likely = pack.people.filter((each) => each.on_duty && !names.has(each.name)).slice(0, 6);
  const result = resultOf(entries);
  return {
    title: t("stepPeople"), back: up(ctx),
    body: [
      box(t("peopleMet"),
        met.map(([id, each]) => {
          const name = key.person(id);
          const set = (change) => live.change(name, (old) => ({ ...old, ...change }));
          return h("div", { class: "pair" },
            field(t("name"), each.name, (value) => set({ name: value }), { focus: `${name}.name`, disabled: !live.canWrite }),
            field(t("post"), each.post, (value) => set({ post: value }), { focus: `${name}.post`, disabled: !live.canWrite }),
            live.canWrite && button(t("takeOff"), () => act(ctx, name, () => null, t("personGone", { name: each.name })), { symbol: "x", of: each.name }));
        }),
        live.canWrite && likely.length > 0 && h("div", {}, h("p", { class: "help" }, t("onDutyNow")), h("div", { class: "chips" }, likely.map((each) =>
          h("button", { type: "button", class: "chip", onclick: () => add(each.name, pick(each.post)) }, icon("plus"), `${each.name} ${pick(each.post)}`)))),
        live.canWrite && button(t("addPerson"), () => add(), { symbol: "plus" })),
      box(t("notes"), field(t("notesHow"), live.value("notes")?.text, (text) => live.change("notes", () => (text.trim() ? { text } : null)), { rows: 5, focus: "notes", disabled: !live.canWrite })),
      box(t("outcome"),
        h("p", { class: "help" }, t("outcomeWhy", { what: t(`result.${proposedResult(entries)}`) })),
        choice(t("outcome"), ["none", "fixed", "order", "transfer", "obstructed", "absent"].map((each) => [each, t(`result.${each}`)]), result, async (value, event) => {
          await act(ctx, "result", () => ({ value }), t("outcomeUndo", { what: t(`result.${value}`) }), event);
        }, { focus: "result", disabled: !live.canWrite })),
    ],
    foot: on(ctx, "missing"),
  };
}
