// A hazard: what, how grave, where, what is demanded until when; or put right on the spot.
import { h } from "../dom.js";
import { iso, plusDays, today } from "../clock.js";
import { box, button, choice, dot, field, link, note, offerUndo, photos } from "../parts.js";
import { itemOf, kept, key, latest, photosOf, proposed, severities, usual } from "../rules.js";
import { day, pick, t } from "../words.js";

export function findingPanel(ctx, id, item, redraw) {
  const { live } = ctx;
  const name = key.finding(id);
  const said = live.value(name);
  const off = !live.canWrite;
  const set = (change, since = null) => live.change(name, (old) => old && { ...old, ...change }, { since });
  const again = async (change, event = null) => {
    const { undo } = await set(change, event?.timeStamp);
    redraw();
    return undo;
  };
  const grave = async (severity, event) => {
    const undos = [await again({
      severity, due_on: plusDays(today(), usual(live.pack, severity, item)), hazard_code: severity === "major" ? item?.hazard_code ?? null : null,
    }, event)];
    // raised to a major hazard: the answer says so too, and the list is scored by it
    if (said.item && item.severity !== "major") {
      const answer = key.answer(said.item.version_id, said.item.code);
      undos.push((await live.change(answer, (old) => old && { ...old, escalated: severity === "major" && old.result === "nonconform" })).undo);
      redraw();
    }
    offerUndo(t(`severity.${severity}`), async () => {
      for (const undo of undos) await undo();
      redraw();
    });
  };
  const most = latest(live.pack, said.severity, today());
  const answered = said.item && live.value(key.answer(said.item.version_id, said.item.code));
  const grades = severities(item).filter((each) => each !== "major" || !item || item.severity === "major" || answered?.result === "nonconform");
  return h("section", { class: `hazard is-${said.severity}`, "aria-label": t("hazard") },
    h("p", { class: "item-head" }, h("b", {}, t("hazard")), dot(live.entries.get(name))),
    field(t("whatIsWrong"), said.description, (description) => set({ description }), { rows: 2, focus: `${name}.what`, disabled: off, must: true }),
    choice(t("severity"), grades.map((each) => [each, t(`severity.${each}`), each === "general" ? "plain" : each === "serious" ? "watch" : "bad"]), said.severity, grave, { focus: `${name}.severity`, disabled: off }),
    item && said.severity === "major" && item.severity !== "major" && note("bad", t("majorNeeds", { words: pick(item, "major_when") })),
    !item && said.severity === "major" && row(live, said, (code) => again({ hazard_code: code }), off),
    field(t("where"), said.place, (place) => set({ place }), { focus: `${name}.place`, disabled: off, help: t("whereHelp") }),
    choice(t("whatNow"), [[false, t("toOrder"), "plain"], [true, t("fixedHere"), "good"]], said.fixed_on_spot, async (fixed_on_spot, event) => {
      const undo = await again({ fixed_on_spot }, event);
      offerUndo(t(fixed_on_spot ? "fixedHere" : "toOrder"), async () => (await undo(), redraw()));
    }, { focus: `${name}.fixed`, disabled: off }),
    !said.fixed_on_spot && field(t("demand"), said.demand, (demand) => set({ demand }), { rows: 2, focus: `${name}.demand`, disabled: off, must: true }),
    !said.fixed_on_spot && field(t("due"), said.due_on, (due_on) => set({ due_on }), { type: "date", min: today(), max: most, focus: `${name}.due`, disabled: off, help: t("dueMost", { day: day(most) }), must: true }),
    !said.item && photos(live, name, said.photos, `${live.pack.facility.name}  ${said.place || t("hazard")}`, redraw, { need: said.severity === "major" ? t("photoNeeded") : null }),
    !off && button(t("noHazard"), async () => {
      const undos = [(await live.change(name, () => null)).undo];
      if (answered?.escalated) undos.push((await live.change(key.answer(said.item.version_id, said.item.code), (old) => old && { ...old, escalated: false })).undo);
      redraw();
      offerUndo(t("hazardGone"), async () => {
        for (const undo of undos) await undo();
        redraw();
      });
    }, { symbol: "x" }));
}

// which row of the table of major hazards it is
function row(live, said, pickOne, off) {
  const rows = live.pack.major ?? [];
  const id = `row-${said.at}`;
  return h("div", { class: "field" }, h("label", { for: id }, t("majorRow")),
    h("select", { id, class: "input", disabled: off, onchange: ({ target }) => pickOne(target.value || null) },
      h("option", { value: "" }, t("choose")), rows.map((each) => h("option", { value: each.code, selected: each.code === said.hazard_code }, `${each.clause ?? each.code} ${pick(each)}`.slice(0, 90)))));
}

// Every hazard of the visit; those that belong to no item are made here.
export function findings(ctx, only = null) {
  const { live } = ctx;
  const all = kept(live.entries, "finding");
  const add = async (event) => {
    const id = crypto.randomUUID();
    const { undo } = await live.change(key.finding(id), () => ({ ...proposed(live.pack, null, today()), item: null, at: iso() }), { since: event.timeStamp });
    ctx.go(`#/visit/${live.uid}/hazards/${id}`);
    offerUndo(t("hazardMade"), async () => {
      await undo();
      ctx.go(`#/visit/${live.uid}/hazards`);
    });
  };
  const chosen = only && live.value(key.finding(only));
  if (chosen) {
    return {
      title: t("hazard"), back: `#/visit/${live.uid}/hazards`,
      body: [findingPanel(ctx, only, chosen.item && itemOf(live.pack, chosen.item.version_id, chosen.item.code), () => (live.value(key.finding(only)) ? ctx.refresh() : ctx.go(`#/visit/${live.uid}/hazards`)))],
      foot: [link(t("goBack"), `#/visit/${live.uid}/hazards`, { look: "is-main" })],
    };
  }
  return {
    title: t("stepHazards"), back: `#/visit/${live.uid}`,
    body: [
      all.length ? all.map(([id, each]) => {
        const item = each.item && itemOf(live.pack, each.item.version_id, each.item.code);
        const to = item ? `#/visit/${live.uid}/list/${each.item.version_id}/${item.area}/${item.code}` : `#/visit/${live.uid}/hazards/${id}`;
        return h("a", { class: "visit", href: to }, h("span", { class: "visit-name" }, each.description || t("hazard")),
          h("span", { class: "visit-line" }, [item?.code, each.place, each.fixed_on_spot ? t("fixedHere") : t("dueOn", { day: day(each.due_on) }), t("photosN", { n: photosOf(live.entries, each).length })].filter(Boolean).join(" \u00b7 ")),
          h("span", { class: `tag tag-${each.severity}` }, t(`severity.${each.severity}`)));
      }) : box(null, h("p", {}, t("noFindings"))),
    ],
    foot: [link(t("overview"), `#/visit/${live.uid}`, { symbol: "left" }), live.canWrite && button(t("addHazard"), add, { look: "is-main", symbol: "plus" })],
  };
}
