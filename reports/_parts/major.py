"""重大事故隐患: by article of the criteria, listed and supervised, the open ones by name (§7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import compared, tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from reports._paper.gather import Gather, Json

Data = Mapping[str, Any]
KEY = "major"
COUNTS = ("new", "open", "cleared", "listed")


def collect(g: Gather) -> Json | None:
    """{times, articles [{article, COUNTS, days_most, rows [{code, clause, zh, en, COUNTS, days_most}]}], unjudged, cases
    [{number, facility, township, code, article, zh, en, judged_on, due_on, days, listed_on, list_level, right_on, late, papers
    {measures, plan: state}}]} with COUNTS = new, open, cleared, listed (hazards.major.queries).
    """
    from eldercare.hazards import queries as hazards  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.hazards.major import queries  # noqa: PLC0415

    last, begun = compared.until(g), g.once(hazards.begun)
    articles = queries.by_article(g.scope, g.period.first, last)

    def counts(each: Gather) -> dict[str, int]:
        found = articles if each is g else queries.by_article(each.scope, each.period.first, each.period.last)
        return compared.summed((row for article in found for row in article.rows), COUNTS)

    words = {row.code: row.hazard for article in articles for row in article.rows if row.hazard is not None}
    return {
        "times": compared.times(g, counts, begun),
        "articles": [
            {
                "article": each.article, **{name: getattr(each.total, name) for name in (*COUNTS, "days_most")},
                "rows": [
                    {"code": row.code, **_words(row.hazard), **{name: getattr(row, name) for name in (*COUNTS, "days_most")}}
                    for row in each.rows if any(getattr(row, name) for name in COUNTS)
                ],
            }
            for each in articles
        ],
        "unjudged": queries.unjudged(g.scope, last) if begun else 0,
        "cases": [
            _case(g, each, words.get(each.hazard_code), last)
            for each in (queries.standing(g.scope, g.period.first, last) if begun else [])
        ],
    }  # fmt: skip


def _words(hazard: Any) -> Json:
    """A row of the table in both languages; what the present table no longer has keeps its code alone."""
    return {name: getattr(hazard, name) if hazard is not None else "" for name in ("clause", "zh", "en")}


def _case(g: Gather, case: Any, row: Any, last: Any) -> Json:
    hazard = case.hazard
    right = hazard.right_on if hazard.right_on is not None and hazard.right_on <= last else None
    listed = case.listed_on is not None and case.listed_on <= last
    papers: dict[str, str] = {}
    for paper in case.papers:  # in the order handed in: the last one counts
        papers[paper.kind] = paper.result or "handed_in"
    return {
        "number": hazard.number, "facility": case.facility.name, "township": g.names[case.township_id]["code"],
        "code": case.hazard_code, "article": case.article, **_words(row), "judged_on": case.judged_on.isoformat(),
        "due_on": hazard.due_on.isoformat(), "days": ((right or last) - case.judged_on).days,
        "listed_on": case.listed_on.isoformat() if listed else None, "list_level": case.list_level if listed else None,
        "right_on": right.isoformat() if right else None, "late": max(((right or last) - hazard.due_on).days, 0),
        "papers": {kind: papers.get(kind, "missing") for kind in ("measures", "plan")},
    }  # fmt: skip


def indicators(g: Gather) -> list[Json]:
    """Open at the end: none is the aim."""
    return compared.indicator("major_open", g.data[KEY]["times"], "open", None, "down", {"at_most": 0})


def summary(data: Data, w: Words) -> list[str]:
    """Judged, open; silent where there is none."""
    now = data[KEY]["times"]["value"]
    shown = ("new", "open")
    return [w("mj_summary", **{name: w.n(now[name]) for name in shown})] if any(now.values()) else []


def decisions(data: Data, w: Words) -> list[tuple[int, str]]:
    """Those past their deadline, those not listed, those nobody has judged."""
    cases = [each for each in data[KEY]["cases"] if each["right_on"] is None]
    late = [each for each in cases if each["late"]]
    rest = [each for each in cases if not each["late"] and not each["listed_on"]]
    out = []
    if late:
        out.append((100, w("mj_d_late", n=w.n(len(late)), names=_named(late, w), days=w.n(max(each["late"] for each in late)))))
    if rest:
        out.append((90, w("mj_d_list", n=w.n(len(rest)), names=_named(rest, w))))
    if data[KEY]["unjudged"]:
        out.append((80, w("mj_d_unjudged", n=w.n(data[KEY]["unjudged"]))))
    return out


def _named(cases: Any, w: Words) -> str:
    return compared.names(sorted({each["facility"] for each in cases}), w, 3)


def blocks(data: Data, w: Words) -> list[show.Block]:
    """By article, then each case by name."""
    found = data[KEY]
    now = found["times"]["value"]
    if not any(now.values()) and not found["unjudged"]:
        return [show.empty(w("mj_none"))]
    said = w("mj_said", **{name: w.n(now[name]) for name in COUNTS})
    if found["unjudged"]:
        said += w("mj_unjudged", n=w.n(found["unjudged"]))
    month = data["period"] if "-" in data["period"] else ""
    out = [show.words([said], drill="/hazards/major/"), show.table(compared.table(data, w, found["times"], [
        ("mj_new", "new", None), ("mj_cleared", "cleared", None), ("mj_open", "open", None), ("mj_listed", "listed", None),
    ]))]  # fmt: skip
    if data["place"]["level"] != "facility":
        out += [show.h3(w("mj_h_articles")), show.table(_articles(found, now, w), drill=f"/hazards/major/?month={month}")]
    if found["cases"]:
        out += [show.h3(w("mj_h_cases")), show.table(_cases(data, w), drill="/hazards/major/cases/")]
    return out


def _articles(found: Data, total: Data, w: Words) -> tables.Table:
    def line(name: str, row: Data) -> list[str]:
        return [name, *[w.n(row[key]) for key in COUNTS], w.n(row["days_most"]) if row["open"] else w("none")]

    rows = []
    for each in found["articles"]:
        known = each["article"] in ("4", "5", "6", "7", "8")
        rows.append(line(w("mj_article_" + each["article"]) if known else w("mj_article", n=each["article"]), each))
        rows += [line(_situation(row, w), row) for row in each["rows"]]
    most = {**total, "days_most": max((each["days_most"] for each in found["articles"]), default=0)}
    columns = [(w("mj_c_article"), -88), *((w("mj_c_" + key), 12) for key in (*COUNTS, "days"))]  # fmt: skip
    return tables.table("", columns, rows, total=line(w("total"), most), note=w("mj_n_articles"), whole=True)


def _situation(row: Data, w: Words) -> str:
    """A row of the criteria: its clause (its code, where Chinese is not read) and what it says."""
    name = row["clause"] if w.zh else row["code"]
    return w("mj_row", clause=name, words=w.place(row)) if row["zh"] else str(row["code"])


def _cases(data: Data, w: Words) -> tables.Table:
    rows, classes = [], {}
    for i, each in enumerate(data[KEY]["cases"]):
        listed = w("mj_not_listed")
        if each["listed_on"]:
            listed = w("mj_listed_on", level=w("mj_level_" + each["list_level"]), day=compared.day(each["listed_on"], w))
        if each["right_on"]:
            standing, classes[i] = w("mj_right", day=compared.day(each["right_on"], w)), "good"
        else:
            classes[i] = "bad" if each["late"] else "near"
            standing = w("mj_late", n=w.n(each["late"])) if each["late"] else w("mj_in_hand")
            standing = w("list_sep").join([standing, *_papers(each["papers"], w)])
        rows.append([each["facility"], _situation(each, w), compared.day(each["judged_on"], w),
                     compared.day(each["due_on"], w), w("mj_days", n=w.n(each["days"])), listed, standing])  # fmt: skip
    columns = [(w("c_facility"), -28), (w("mj_c_what"), -46), (w("mj_c_judged"), -22), (w("mj_c_due"), -22),
               (w("mj_c_days"), -14), (w("mj_c_listed_on"), -24), (w("mj_c_standing"), -28)]  # fmt: skip
    return tables.table("", columns, rows, classes=classes, whole=True)


def _papers(papers: Data, w: Words) -> list[str]:
    """What the home still owes: measures, plan."""
    return [w("mj_" + kind + "_missing") for kind in ("measures", "plan") if papers[kind] in ("missing", "returned")]


def definitions(_data: Data, w: Words) -> list[str]:
    """When a hazard counts as a major one."""
    return [w("mj_def")]
