"""The editable copy: Word opens it, its words and tables are the report's, and it says what counts."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from flask.testing import FlaskClient
from lxml import etree

from eldercare.core import files
from eldercare.core.access import P, Role
from eldercare.core.audit import AuditEntry
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope, scope_of
from eldercare.reporting import render
from eldercare.reporting.documents import services
from eldercare.reporting.documents.services import writing
from tests import make
from tests.page import fetch
from tests.reporting.stored import store

MADE_OF_PARTS = ["monthly-oversight", "township-monthly", "facility-monthly"]


def written(report: Any) -> Any:
    return docx.Document(io.BytesIO(writing.docx(report, {})))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", MADE_OF_PARTS)
def test_headings_and_tables_are_those_of_the_report(district: Scope, kind: str, language: str) -> None:
    report = store(kind, language=language)
    shown = render.context(kind, report.dataset, language, 1, report.imprint)
    document = written(report)
    heads = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert heads == [f"{each['number']}{each['title']}" for each in shown["sections"]]
    below = [p.text for p in document.paragraphs if p.style.name == "Heading 2"]
    assert below == [block["text"] for each in shown["sections"] for block in each["blocks"] if block["is"] == "h3"]
    tables = [block["table"] for each in shown["sections"] for block in flat(each["blocks"]) if block["is"] == "table"]
    drawn = [table for table in document.tables if table._tbl.find(f".//{qn('w:tblHeader')}") is not None]
    assert len(drawn) == len(tables)
    for wanted, got in zip(tables, drawn, strict=True):
        rows = [[cell.text for cell in row.cells] for row in got.rows]
        assert rows == [list(map(str, row)) for row in (wanted["head"], *wanted["rows"], *([wanted["total"]] if wanted["total"] else []))]
    said = [text for each in shown["sections"] for block in each["blocks"] if block["is"] == "words" for text in block["list"]]
    assert said
    assert {p.text for p in document.paragraphs} >= set(said)


def flat(blocks: Any) -> list[Any]:
    return [inner for block in blocks for inner in ([*block["left"], *block["right"]] if block["is"] == "pair" else [block])]


def test_it_names_its_edition_and_says_that_the_sealed_file_prevails(district: Scope) -> None:
    report = store(edition=3)
    document = written(report)
    (source,) = [p.text for p in document.paragraphs if p.style.name == "Report Source"]
    for mark in ("第3版", report.code, render.fingerprint(report.dataset), "以带电子签章的PDF为准"):
        assert mark in source
    assert source in [p.text for p in document.sections[0].footer.paragraphs]  # on every page
    assert source in [p.text for p in document.sections[0].even_page_footer.paragraphs]


def test_the_page_is_an_official_documents(district: Scope) -> None:
    document = written(store())
    first = document.sections[0]
    assert [round(getattr(first, f"{side}_margin").mm) for side in ("top", "right", "bottom", "left")] == [37, 26, 35, 28]
    assert (round(first.page_width.mm), round(first.page_height.mm)) == (210, 297)
    wide = [section for section in document.sections if section.orientation == WD_ORIENT.LANDSCAPE]
    assert [(round(each.page_width.mm), round(each.page_height.mm)) for each in wide] == [(297, 210)]  # the annex of institutions
    normal = document.styles["Normal"]
    assert normal.element.rPr.rFonts.get(qn("w:eastAsia")) == "FangSong"
    assert normal.font.size.pt == 16
    assert document.styles["Heading 1"].element.rPr.rFonts.get(qn("w:eastAsia")) == "SimHei"
    for table in document.tables:  # no wider than the line, every column with its width
        grid = [int(each.get(qn("w:w"))) for each in table._tbl.tblGrid]
        assert sum(grid) <= 12800
        assert all(grid)


def test_what_word_needs_is_there(district: Scope) -> None:
    """Every part is well-formed, every relation leads somewhere, nothing stands twice, elements keep their order."""
    data = writing.docx(store(), {})
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = packed.namelist()
        assert len(names) == len(set(names))
        parts = {name: etree.fromstring(packed.read(name)) for name in names if name.endswith((".xml", ".rels"))}
    for name, tree in parts.items():
        if name.endswith(".rels"):
            base = name.replace("_rels/", "").rsplit("/", 1)[0] if "/" in name.replace("_rels/", "") else ""
            for relation in tree:
                if relation.get("TargetMode") != "External":
                    target = relation.get("Target")
                    path = target.lstrip("/") if target.startswith("/") else f"{base}/{target}".lstrip("/")
                    parent: list[str] = []
                    for step in path.split("/"):
                        parent = parent[:-1] if step == ".." else [*parent, step]
                    assert "/".join(parent) in names, (name, target)
    body = parts["word/document.xml"]
    ids = [each.get("id") for each in body.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr")]
    assert ids
    assert len(ids) == len(set(ids))
    for cell in body.iter(qn("w:tc")):
        assert cell[-1].tag == qn("w:p")  # Word calls a cell that ends otherwise damaged
    order = ["pStyle", "keepNext", "keepLines", "pageBreakBefore", "snapToGrid", "spacing", "ind", "jc", "outlineLvl"]
    for name in ("word/document.xml", "word/styles.xml"):
        for held in parts[name].iter(qn("w:pPr")):
            known = [order.index(each.tag.split("}")[1]) for each in held if each.tag.split("}")[1] in order]
            assert known == sorted(known), etree.tostring(held)
    assert all(drawn.get("descr") for drawn in body.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"))


def test_the_same_edition_gives_the_same_bytes(district: Scope) -> None:
    report = store("facility-monthly")
    assert writing.docx(report, {}) == writing.docx(report, {})


def test_words_people_wrote_are_in_it(district: Scope) -> None:
    report = store(life="reviewed", state="draft", texts={"assessment": ["示例评估𠮷字一段。"]}, texts_version=1)
    assert services.words_of(report)["assessment"] == ["示例评估𠮷字一段。"]  # as they are being written, drawn or not


def test_whoever_reads_a_report_takes_its_words_and_it_is_logged(
    district: Scope, sign_in: Callable[..., FlaskClient], app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    home = make.make_facility()
    report = store("facility-monthly", place=home)
    db.session.commit()
    person, other = (make.make_user(Role.FACILITY_MANAGER, each) for each in (home, make.make_facility()))
    db.session.commit()
    client = sign_in(person)
    assert "/reporting/documents/" in fetch(client, f"/reporting/{report.id}").text
    answer = client.post(f"/reporting/documents/{report.id}")
    scope = scope_of(person, P.REPORT_READ)
    assert scope is not None
    run = scope.enter().get(Run, int(answer.headers["Location"].rsplit("/", 1)[1]))
    result = services.make(scope, run)
    assert result["name"] == f"facility-monthly-2026-10-{home.code}-zh-1.docx"
    assert docx.Document(io.BytesIO(files.get(result["file"]))).paragraphs
    entry = db.session.query(AuditEntry).filter_by(action="report.opened").order_by(AuditEntry.id.desc()).first()
    assert (entry.details["how"], entry.person_id) == ("docx", person.id)
    db.session.commit()
    elsewhere = sign_in(other)
    assert elsewhere.post(f"/reporting/documents/{report.id}").status_code == 404


def test_papers_and_reports_of_old_templates_have_none(district: Scope) -> None:
    for report in (
        store("rectification-order", "2026-11", subject="order:1"), store(dataset={"schema": 1}),
        store("incident-brief", "2026-11", subject="incident:1", is_internal=True),  # made of parts, and a paper
    ):
        with pytest.raises(Refused, match=r"report\.no_document"):
            services.ask(district, report.id)
