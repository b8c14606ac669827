// The visits of the days around today, what is on the tablet of each, and getting it there.
import { h, icon, sign } from "../dom.js";
import { iso, plusDays, today } from "../clock.js";
import * as meter from "../meter.js";
import { call, Unreachable } from "../net.js";
import * as outbox from "../outbox.js";
import { box, button, link, note, tell } from "../parts.js";
import { check, session } from "../session.js";
import { isStored, room } from "../shell.js";
import * as store from "../store.js";
import { look } from "../takeover.js";
import { day, has, lang, t } from "../words.js";

const loading = new Map(); // uid → share of the package that has arrived

export const windowOf = ({ window: hours }) => (hours ? [hours.from, hours.to].join("\u2013") : "");
const kindOf = (row) => (has(`kind.${row.kind}`) ? t(`kind.${row.kind}`) : row.kind);

export async function home(ctx) {
  if (!session.person) return { title: t("title"), body: [note("watch", t("whoAreYou"), link(t("signIn"), ctx.signIn, { look: "is-main" }))] };
  const [visits, done, packaged, ready, space, others, held] = await Promise.all([
    store.visitsOf(session.person), store.doneOf(session.person), store.packaged(), isStored(), room(), store.unsent(), store.meta("held"),
  ]);
  const names = new Map(done.map((each) => [each.uid, each]));
  const open = visits.filter((each) => !names.has(each.uid) && each.row.state !== "cancelled");
  const days = [...new Set(open.map((each) => each.row.planned_on))].sort();
  const missing = open.filter((each) => each.row.state === "planned" && !packaged.has(each.uid));
  const foreign = Object.keys(others).some((id) => id !== String(session.person));

  const body = [
    session.state === "out" && note("watch", t("signedOut"), link(t("signIn"), ctx.signIn, { look: "is-main" })),
    session.state === "refused" && note("bad", t("notAllowed")),
    foreign && note("watch", t("othersWork")),
    held?.person_id === session.person && held.rows.map((row) => note("watch", t("begunByOther", { name: row.facility.name, day: day(row.planned_on) }))),
    !ready && note("watch", t("shellMissing")),
    space.low && note("bad", t("roomLow", { mb: Math.round(space.left / 1e6) })),
    !space.kept && persistence(ctx, space),
    !open.length && !done.length && box(null, h("p", {}, t("noVisits"))),
  ];
  for (const each of days) {
    const rows = await Promise.all(open.filter((visit) => visit.row.planned_on === each).sort(byHour).map((visit) => card(ctx, visit, packaged, ready)));
    body.push(h("section", { class: "day" }, h("h2", {}, titleOf(each)), rows));
  }
  if (done.length) body.push(h("section", { class: "day" }, h("h2", {}, t("confirmedOnes")), done.map(finished)));
  return {
    title: t("title"), body,
    foot: [
      button(t("renew"), () => renew(ctx), { symbol: "refresh", disabled: session.state === "out" }),
      missing.length > 0 && button(t("getAll", { n: missing.length }), () => getAll(ctx, missing), { look: "is-main", symbol: "download" }),
      link(t("tablet"), "#/tablet", { symbol: "settings" }),
    ],
  };
}

const byHour = (one, other) => windowOf(one.row).localeCompare(windowOf(other.row)) || one.row.facility.code.localeCompare(other.row.facility.code);
function titleOf(each) {
  if (each === today()) return `${t("today")} \u00b7 ${day(each)}`;
  return each === plusDays(today(), 1) ? `${t("tomorrow")} \u00b7 ${day(each)}` : day(each);
}

function persistence(ctx, space) {
  if (space.asked) return null;
  return note("watch", h("p", {}, t("persistWhy")), button(t("persistAsk"), async () => {
    await navigator.storage.persist();
    localStorage.setItem("field-persist", "asked");
    ctx.refresh();
  }));
}

async function card(ctx, visit, packaged, ready) {
  const { row, uid } = visit;
  const { entries, sum, record } = await meter.ofVisit(uid);
  const has_ = packaged.has(uid);
  const share = loading.get(uid);
  let [tone, words] = ["quiet", t("notHere")];
  if (visit.trouble) [tone, words] = ["bad", t("stopped")];
  else if (record) [tone, words] = ["active", t("finishedWaits", { n: sum.all - sum.confirmed })];
  else if (entries.length) [tone, words] = ["active", t("begun", { ok: sum.confirmed, all: sum.all })];
  else if (share !== undefined) [tone, words] = ["active", t("arriving")];
  else if (has_ && ready) [tone, words] = ["good", t("ready")];
  else if (has_) [tone, words] = ["watch", t("halfReady")];
  else if (row.state === "sent") [tone, words] = ["good", t("sentElsewhere")];
  const inner = [
    h("span", { class: "visit-name" }, row.facility.name),
    h("span", { class: "visit-line" }, [kindOf(row), windowOf(row), lang() === "en" ? row.facility.township_en : row.facility.township, row.i_lead ? t("youLead") : t("youFollow")].filter(Boolean).join(" \u00b7 ")),
    h("span", { class: `visit-state tone-${tone}` }, sign(tone), words),
    share !== undefined && h("progress", { max: 1, ...(share !== null && { value: share }), "aria-label": t("arriving") }),
  ];
  if (has_) return h("a", { class: "visit", href: `#/visit/${uid}`, "data-uid": uid }, inner, icon("right"));
  return h("div", { class: "visit", "data-uid": uid }, inner, row.state === "planned" && button(t("get"), () => getAll(ctx, [visit]), { symbol: "download", of: row.facility.name }));
}

const finished = (done) => h("div", { class: "visit is-done" },
  h("span", { class: "visit-name" }, done.name), h("span", { class: "visit-line" }, `${done.number} \u00b7 ${t("edition", { n: done.revision })}`),
  h("span", { class: "visit-state tone-good" }, sign("good"), t("confirmed")),
  h("span", { class: "hash" }, done.sha256));

// The list anew, and what can be sent.
export async function renew(ctx) {
  if (!(await check())) {
    if (session.state === "away") tell(t("noNetwork"));
    if (session.state === "out") tell(t("signedOut")); // the sign-in stands above, perhaps out of sight
    return ctx.refresh();
  }
  try {
    await store.saveList(session.person, (await call("visits")).visits);
    await follow(ctx);
  } catch (error) {
    tell(error instanceof Unreachable ? t("noNetwork") : t("listFailed"));
  }
  outbox.kick(0);
  return ctx.reload();
}

// What lies here follows the list: another lead or team since it was taken along, and what another tablet has begun.
async function follow(ctx) {
  const packaged = await store.packaged();
  const isOld = (pack, row) => pack.i_lead !== row.i_lead || String(pack.officers.map((each) => each.id)) !== String(row.team);
  for (const visit of await store.visitsOf(session.person)) {
    const { uid, row } = visit;
    if (row.state !== "planned" || !packaged.has(uid)) continue;
    if (isOld(await store.packageOf(uid), row)) await get(ctx, visit);
    else if (row.i_lead && row.planned_on <= today()) await look(uid);
  }
}

export async function getAll(ctx, visits) {
  if (!(await check())) return renew(ctx);
  for (const visit of visits) await get(ctx, visit);
  return ctx.reload();
}

// What a visit needs, the first time or anew: what was entered stays.
async function get(ctx, { uid, row }) {
  loading.set(uid, null);
  ctx.refresh();
  try {
    const body = await call(`visits/${uid}`, { seconds: 90, progress: (share) => {
      loading.set(uid, share);
      ctx.refresh();
    } });
    if (body.uid !== uid || !Array.isArray(body.lists)) throw new Unreachable("not whole");
    await store.savePackage(uid, body, iso());
    if (body.i_lead && body.state === "planned") await look(uid);
  } catch (error) {
    tell(error instanceof Unreachable ? t("getFailed", { name: row.facility.name }) : error.body?.message || t("getFailed", { name: row.facility.name }), "bad");
  }
  loading.delete(uid);
}
