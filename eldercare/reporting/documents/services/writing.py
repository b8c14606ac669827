"""From a report's sections of blocks to the bytes of a DOCX: real headings, tables, pictures; same figures, same bytes."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, RGBColor
from lxml import etree

from eldercare.core import charts
from eldercare.reporting import render
from eldercare.reporting.documents.services import dress
from eldercare.reporting.models import Report

COLOURS = {"good": "1D5F2F", "near": "8A5A00", "bad": "A61B1B"}
TILES = 4  # large figures beside one another
_EPOCH = (1980, 1, 1, 0, 0, 0)  # what a ZIP calls no date at all


def docx(report: Report, photos: Mapping[str, bytes], texts: Mapping[str, Any] | None = None) -> bytes:
    """The document of an edition; it names the edition and says that the sealed PDF prevails.

    `texts`: others than the imprint's.
    """
    imprint = report.imprint if texts is None else {**report.imprint, "texts": texts}
    shown = render.context(report.kind, report.dataset, report.language, report.edition, imprint)
    words = shown["w"]
    document = dress.blank(report.language)
    pen = Pen(document, photos)
    _about(document, report, words, shown["title"])
    source = _source(report, words)
    if shown["cover"]:
        _cover(pen, report, words, shown["title"])
    else:
        pen.line(shown["title"], "Title")
        pen.line(_whose(report, words), "Report Cover")
    pen.line(source, "Report Source")
    if shown["cover"]:
        pen.page_break()
    _contents(pen, words, shown["sections"])
    _foot(document, source)
    for first, section in zip([True, *[False] * len(shown["sections"])], shown["sections"], strict=False):
        pen.section(section, first=first)
    return _packed(document)


def _whose(report: Report, words: Any) -> str:
    data = report.dataset
    return f"{words.place(data['organ'])}　{words.month(report.period)}　{words('edition', n=report.edition)}"


def _source(report: Report, words: Any) -> str:
    """Where the words come from, and what counts."""
    edition, state = words("edition", n=report.edition), words(f"docx_{report.state}")
    return str(words("docx_source", edition=edition, code=report.code, state=state, hash=render.fingerprint(report.dataset)))


def _about(document: Any, report: Report, words: Any, title: str) -> None:
    """What the file says of itself; its moment is the cut-off, whenever it is made."""
    about = document.core_properties
    about.title, about.author = f"{title} {words.month(report.period)}", words.place(report.dataset["organ"])
    about.last_modified_by = ""
    about.subject, about.comments, about.keywords = _source(report, words), "", report.code
    about.created = about.modified = report.cutoff_at.replace(tzinfo=None)
    about.revision, about.language = 1, "zh-CN" if words.zh else "en"


def _cover(pen: "Pen", report: Report, words: Any, title: str) -> None:
    data, imprint = report.dataset, {**render.BLANK, **report.imprint}
    pen.line(words.place(data["organ"]), "Report Cover")
    for _ in range(3):
        pen.line("", "Report Cover")
    pen.line(title, "Title")
    issue = words.issue(imprint["number"], report.period)
    pen.line(words.month(report.period), "Report Cover")
    pen.line(f"{issue} · {words('edition', n=report.edition)}", "Report Cover")
    for _ in range(6):
        pen.line("", "Report Cover")
    named = [(words("signer"), imprint["approved"]), (words("reviewer"), imprint["reviewed"])]
    signed = "　　　".join(f"{role}{words.colon}{who['name'] if who else '　　　　'}" for role, who in named)
    pen.line(signed, "Report Cover")
    pen.line(words.day(data["issued_on"]), "Report Cover")
    for _ in range(2):
        pen.line("", "Report Cover")


def _contents(pen: "Pen", words: Any, sections: Sequence[Mapping[str, Any]]) -> None:
    """A field that Word fills with pages when it is told to; until then it names the parts."""
    pen.line(words("h_contents"), "Report Cover")
    entries = [f"{each['number']}{each['title']}" for each in sections]
    asked = '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
    begin, end = _FIELD.format("begin") + asked + _FIELD.format("separate"), _FIELD.format("end")
    for at, entry in enumerate(entries):
        pen.xml(
            f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="ReportList"/></w:pPr>{begin if at == 0 else ""}'
            f'<w:r><w:t xml:space="preserve">{escape(entry)}</w:t></w:r>{end if at == len(entries) - 1 else ""}</w:p>'
        )
    pen.page_break()


_FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
_PAGE = (
    '<w:t xml:space="preserve">— </w:t>', '<w:fldChar w:fldCharType="begin"/>',
    '<w:instrText xml:space="preserve"> PAGE </w:instrText>', '<w:fldChar w:fldCharType="separate"/>', "<w:t>1</w:t>",
    '<w:fldChar w:fldCharType="end"/>', '<w:t xml:space="preserve"> —</w:t>',
)  # fmt: skip


def _foot(document: Any, source: str) -> None:
    """— 3 —, right on odd and left on even pages, and below it where the words come from."""
    section = document.sections[0]
    for foot, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        for old in list(foot.paragraphs):
            old._p.getparent().remove(old._p)  # noqa: SLF001 — a footer is emptied by its elements
        fonts = f'<w:rFonts w:ascii="{dress.SONG}" w:hAnsi="{dress.SONG}" w:eastAsia="{dress.SONG}"/><w:sz w:val="28"/>'
        run = f"<w:r><w:rPr>{fonts}</w:rPr>{{}}</w:r>"
        number = "".join(run.format(each) for each in _PAGE)
        inward = f'<w:ind w:{side}="280" w:{side}Chars="100"/>'
        foot._element.append(parse_xml(  # noqa: SLF001
            f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="ReportFoot"/>{inward}<w:jc w:val="{side}"/></w:pPr>{number}</w:p>'
        ))  # fmt: skip
        foot.add_paragraph(source, style="Report Foot")


def _packed(document: Any) -> bytes:
    """The file with no date of its own making in it."""
    made, out = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as there, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as here:
        for name in there.namelist():
            if name != "docProps/thumbnail.jpeg":
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                here.writestr(entry, _without_thumbnail(name, there.read(name)))
    return out.getvalue()


def _without_thumbnail(name: str, data: bytes) -> bytes:
    """The template's own little picture of an empty page is left out, and what names it."""
    if name != "_rels/.rels":
        return data
    tree = parse_xml(data)
    for each in list(tree):
        if each.get("Target", "").endswith("thumbnail.jpeg"):
            tree.remove(each)
    packed: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    return packed


class Pen:
    """Writes blocks into a document, one after another."""

    def __init__(self, document: Any, photos: Mapping[str, bytes]) -> None:
        self.document, self.photos, self.is_wide, self.fresh = document, photos, False, True
        self.draw: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "h3": lambda b: self.line(b["text"], "Heading 2"),
            "words": lambda b: self.lines(b["list"], "Normal"),
            "table": lambda b: self.table(b["table"]),
            "picture": lambda b: self.picture(b["picture"]),
            "note": lambda b: self.line(b["text"], "Report Note"),
            "pair": lambda b: self.blocks([*b["left"], *b["right"]]),
            "tiles": lambda b: self.tiles(b["list"]),
            "decide": self.decide,
            "case": self.case,
            "empty": lambda b: self.line(b["text"], "Normal"),
            "numbered": lambda b: self.lines([f"{n}. {said}" for n, said in enumerate(b["list"], 1)], "Report List"),
        }

    def section(self, section: Mapping[str, Any], *, first: bool) -> None:
        """A part: its heading and what it shows, on a sheet of its own where it asks for one."""
        if section["wide"] != self.is_wide:
            self.is_wide = section["wide"]
            dress.turn(self.document, wide=self.is_wide)
            first = True
        head = self.line(f"{section['number']}{section['title']}", "Heading 1")
        head.paragraph_format.page_break_before = True if not first and section["sheet"] else None
        self.blocks(section["blocks"])

    def blocks(self, blocks: Sequence[Mapping[str, Any]]) -> None:
        """Every block in its own manner."""
        for block in blocks:
            self.draw[block["is"]](block)

    def xml(self, text: str) -> None:
        """One element at the end of the body, before the section's own."""
        self.document.element.body.insert_element_before(parse_xml(text), "w:sectPr")

    def line(self, text: str, style: str) -> Any:
        """One paragraph."""
        return self.document.add_paragraph(text, style=style)

    def lines(self, said: Sequence[str], style: str) -> None:
        """Paragraphs."""
        for text in said:
            self.line(text, style)

    def page_break(self) -> None:
        """Begin a page."""
        last = self.document.add_paragraph(style="Report Note")
        last.add_run().add_break(WD_BREAK.PAGE)

    def table(self, t: Mapping[str, Any]) -> None:
        """Horizontal rules, fixed widths, heads repeated on every page, no row torn."""
        width = dress.WIDE_MM if self.is_wide else dress.CORE_MM
        widths = [round(float(share.rstrip("%")) / 100 * width * 56.7) for share in t["widths"]]
        rows = [_row(t["head"], widths, t["kinds"], head=True)]
        rows += [_row(row, widths, t["kinds"], colour=COLOURS.get(t["classes"].get(at, ""))) for at, row in enumerate(t["rows"])]
        if t["total"]:
            rows.append(_row(t["total"], widths, t["kinds"], bold=True))
        if t["caption"]:
            self.line(t["caption"], "Caption")
        self.xml(_TABLE.format(ns=nsdecls("w"), width=sum(widths), grid=_grid(widths), rows="".join(rows)))
        self.line(t["note"] or "", "Report Note")

    def picture(self, p: Mapping[str, Any] | None) -> None:
        """A chart as a picture under what it says."""
        if p:
            self.line(p["title"], "Caption")
            self._picture(charts.png(p["spec"]), Mm(dress.CORE_MM), p["alt"])

    def _picture(self, png: bytes, width: Any, alt: str) -> None:
        run = self.line("", "Report Figure").add_run()
        run.add_picture(io.BytesIO(png), width=width)
        run._r.find(f".//{qn('wp:docPr')}").set("descr", alt)  # noqa: SLF001 — the only place for what it shows

    def tiles(self, tiles: Sequence[Mapping[str, Any]]) -> None:
        """Large figures beside one another: name, value, change."""
        if tiles:
            widths = [round(dress.CORE_MM * 56.7 / TILES)] * TILES
            kinds = ["w"] * TILES
            rows = []
            for at in range(0, len(tiles), TILES):
                some = [*tiles[at : at + TILES], *[{"name": "", "value": "", "change": ""}] * TILES][:TILES]
                rows.append(_row([each["name"] for each in some], widths, kinds))
                rows.append(_row([each["value"] for each in some], widths, kinds, bold=True, size=40))
                rows.append(_row([each["change"] for each in some], widths, kinds))
            self.xml(_PLAIN.format(ns=nsdecls("w"), width=sum(widths), grid=_grid(widths), rows="".join(rows)))
            self.line("", "Report Note")

    def decide(self, b: Mapping[str, Any]) -> None:
        """What needs a decision."""
        self.line(b["title"], "Heading 3")
        self.lines([f"{n}. {said}" for n, said in enumerate(b["list"], 1)], "Report List")

    def case(self, b: Mapping[str, Any]) -> None:
        """A problem as it was found: words, facts, photos with what they show."""
        self.line(b["title"], "Heading 3")
        self.lines(b["list"], "Normal")
        if b["facts"]:
            widths = [round(dress.CORE_MM * 56.7 * share) for share in (0.22, 0.78)]
            rows = "".join(_row(fact, widths, ["w", "w"]) for fact in b["facts"])
            self.xml(_TABLE.format(ns=nsdecls("w"), width=sum(widths), grid=_grid(widths), rows=rows))
            self.line("", "Report Note")
        for photo in b["photos"]:
            if photo["sha256"] in self.photos:
                self._picture(self.photos[photo["sha256"]], Mm(dress.CORE_MM / 2), photo["words"] or b["title"])
                self.line(photo["words"], "Report Note").runs[0].font.color.rgb = RGBColor(0x3E, 0x4C, 0x59)


_RULES = (
    '<w:tblBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="111111"/>'
    '<w:bottom w:val="single" w:sz="8" w:space="0" w:color="111111"/>'
    '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="CBD2D9"/></w:tblBorders>'
)
_MARGIN = '<w:tblCellMar><w:left w:w="36" w:type="dxa"/><w:right w:w="36" w:type="dxa"/></w:tblCellMar>'
_FRAME = (
    '<w:tbl {{ns}}><w:tblPr><w:tblW w:w="{{width}}" w:type="dxa"/>{rules}<w:tblLayout w:type="fixed"/>' + _MARGIN
    + '<w:tblLook w:val="0020" w:firstRow="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{{grid}}</w:tblGrid>{{rows}}</w:tbl>'
)  # fmt: skip
_TABLE = _FRAME.format(rules=_RULES)
_PLAIN = _FRAME.format(rules=_RULES.replace('<w:insideH w:val="single"', '<w:insideH w:val="nil"'))


def _grid(widths: Sequence[int]) -> str:
    return "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)


def _row(
    texts: Sequence[str], widths: Sequence[int], kinds: Sequence[str], *, head: bool = False, bold: bool = False,
    colour: str | None = None, size: int | None = None,
) -> str:
    """A row as XML: thousands of cells, for which the library's own way is a hundred times slower.

    `colour`: of the last cell; `size`: in half points.
    """
    said = "<w:cantSplit/><w:tblHeader/>" if head else "<w:cantSplit/>"
    cells = []
    for at, (text, width, kind) in enumerate(zip(texts, widths, kinds, strict=True)):
        looks = ("<w:b/>" if bold else "") + (f'<w:color w:val="{colour}"/>' if colour and at == len(texts) - 1 else "")
        looks += f'<w:sz w:val="{size}"/>' if size else ""
        run = f'<w:r>{f"<w:rPr>{looks}</w:rPr>" if looks else ""}{_text(text)}</w:r>' if text else ""
        style = "ReportWords" if kind == "w" else "ReportNumber"
        high = '<w:spacing w:line="560" w:lineRule="exact"/>' if size else ""
        bottom = '<w:vAlign w:val="bottom"/>' if head else ""
        cells.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{bottom}</w:tcPr>'
                     f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{high}</w:pPr>{run}</w:p></w:tc>')  # fmt: skip
    return f"<w:tr><w:trPr>{said}</w:trPr>{''.join(cells)}</w:tr>"


def _text(text: str) -> str:
    """Words that keep their blanks and lines."""
    return "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
