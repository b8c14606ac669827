"""The page and the styles of an official document (GB/T 9704-2012, domain notes §8) as Word and WPS know them.

Fonts are named, not embedded: FangSong, SimSun, SimHei and KaiTi are on every office's machine in China, and the table
of fonts says what stands in for them elsewhere.
"""

from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

SONG, FANG, HEI, KAI = "SimSun", "FangSong", "SimHei", "KaiTi"
LATIN, LATIN_HEAD = "Times New Roman", "Arial"
CORE_MM, WIDE_MM = 156, 225  # the width of a line on an upright and on a landscape sheet
MARGINS = {"top": 37, "right": 26, "bottom": 35, "left": 28}
TURNED = {"top": 28, "right": 35, "bottom": 26, "left": 37}  # a landscape sheet turned clockwise: its top is the binding side
PITCH = 28.95  # points from line to line: 22 lines a page
_CLOSER = -4  # 28 characters a line: each 15.8 pt wide, set in 16 pt; in 1/20 pt
# name, what it is called in Chinese, PANOSE, family, pitch, what stands in for it
_FACES = (
    (FANG, "\u4eff\u5b8b", "02010609060101010101", "modern", "fixed"),
    (SONG, "\u5b8b\u4f53", "02010600030101010101", "auto", "variable"),
    (HEI, "\u9ed1\u4f53", "02010609060101010101", "modern", "fixed"),
    (KAI, "\u6977\u4f53", "02010609060101010101", "modern", "fixed"),
)
# name: (east Asian font, points, line pitch in points (None: single), bold, first-line indent in characters, left or centred)
_STYLES: dict[str, tuple[str, float, float | None, bool, int, str]] = {
    "Normal": (FANG, 16, PITCH, False, 2, "justify"),
    "Title": (SONG, 22, 36, True, 0, "center"),
    "Heading 1": (HEI, 16, PITCH, False, 2, "left"),
    "Heading 2": (KAI, 16, PITCH, False, 2, "left"),
    "Heading 3": (FANG, 14, 24, True, 0, "left"),
    "Caption": (HEI, 10.5, 16, True, 0, "left"),
    "Report Cover": (FANG, 16, 30, False, 0, "center"),
    "Report Source": (HEI, 9, 14, False, 0, "left"),
    "Report Figure": (FANG, 10, None, False, 0, "left"),
    "Report Note": (HEI, 8.5, 13, False, 0, "left"),
    "Report List": (FANG, 14, 24, False, 0, "left"),
    "Report Words": (HEI, 9, 13.5, False, 0, "left"),
    "Report Number": (HEI, 9, 13.5, False, 0, "right"),
    "Report Foot": (SONG, 8.5, None, False, 0, "left"),
}
_SMALLER = {"Normal": (12.5, 20), "Heading 1": (14, 22), "Heading 2": (12.5, 20), "Heading 3": (12, 18),
            "Report List": (11.5, 17), "Report Cover": (14, 24), "Title": (20, 30)}  # fmt: skip
_ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "right": WD_ALIGN_PARAGRAPH.RIGHT, "center": WD_ALIGN_PARAGRAPH.CENTER,
          "justify": WD_ALIGN_PARAGRAPH.JUSTIFY}  # fmt: skip


def blank(language: str) -> Any:
    """An empty document with page, styles, fonts and settings."""
    document = Document()
    zh = language == "zh"
    for name, dress in _STYLES.items():
        _style(document, name, dress, zh=zh)
    _defaults(document, zh=zh)
    _faces(document)
    section = document.sections[0]
    page(section, wide=False)
    return document


def page(section: Any, *, wide: bool) -> None:
    """A4 with the margins of an official document; the grid of 22 lines."""
    sides = TURNED if wide else MARGINS
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))
    for side, mm in sides.items():
        setattr(section, f"{side}_margin", Mm(mm))
    section.header_distance, section.footer_distance = Mm(20), Mm(sides["bottom"] - 13)  # the number: 7 mm under the core
    held = section._sectPr  # noqa: SLF001 — the grid has no door of its own
    for old in held.findall(qn("w:docGrid")):
        held.remove(old)
    held.append(parse_xml(f'<w:docGrid {nsdecls("w")} w:type="lines" w:linePitch="{round(PITCH * 20)}"/>'))


def turn(document: Any, *, wide: bool) -> None:
    """Go on on a new sheet of the other orientation."""
    page(document.add_section(WD_SECTION.NEW_PAGE), wide=wide)


def _style(document: Any, name: str, dress: tuple[str, float, float | None, bool, int, str], *, zh: bool) -> None:
    face, points, pitch, bold, indent, align = dress
    if not zh and name in _SMALLER:
        points, pitch = _SMALLER[name]
    known = {each.name for each in document.styles}
    style = document.styles[name] if name in known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if name.startswith("Report"):
        style.base_style = None
        style.quick_style = True
    latin = face if zh else LATIN_HEAD if face == HEI else LATIN
    _fonts(style.element.get_or_add_rPr(), latin, face)
    style.font.size, style.font.bold, style.font.italic = Pt(points), bold or (face == HEI and not zh), False
    style.font.color.rgb = RGBColor(0x11, 0x11, 0x11)
    if zh and points == 16:
        closer = OxmlElement("w:spacing")
        closer.set(qn("w:val"), str(_CLOSER))
        style.element.rPr.insert_element_before(closer, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:lang")
    shape = style.paragraph_format
    shape.space_before = Pt(10 if name == "Heading 1" else 4 if name in ("Heading 2", "Heading 3", "Caption") else 0)
    shape.space_after = Pt(0 if zh else 4) if name in ("Normal", "Report List") else Pt(0)
    shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY if pitch else WD_LINE_SPACING.SINGLE
    if pitch:
        shape.line_spacing = Pt(pitch)
    shape.alignment = _ALIGN["left" if align == "justify" and not zh else align]
    shape.keep_with_next = name.startswith("Heading") or name in ("Caption", "Report Figure")
    within = style.element.get_or_add_pPr()
    for border in within.findall(qn("w:pBdr")):
        within.remove(border)
    if zh and indent:  # in hundredths of a character: follows the size of the type
        within.get_or_add_ind().set(qn("w:firstLineChars"), str(indent * 100))
        within.get_or_add_ind().set(qn("w:firstLine"), str(round(indent * points * 20)))
    elif name != "Normal":
        within.get_or_add_ind().set(qn("w:firstLineChars"), "0")
        within.get_or_add_ind().set(qn("w:firstLine"), "0")
    if name.startswith("Report") and name != "Report List":
        _off_grid(within)


def _off_grid(within: Any) -> None:
    """Small type does not stand on the lines of the page's grid."""
    mark = OxmlElement("w:snapToGrid")
    mark.set(qn("w:val"), "0")
    within.insert_element_before(mark, "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")


def _fonts(within: Any, latin: str, east: str) -> None:
    fonts = within.get_or_add_rFonts()
    fonts.attrib.clear()  # the template's theme fonts would win
    for name, face in (("ascii", latin), ("hAnsi", latin), ("eastAsia", east), ("cs", latin)):
        fonts.set(qn(f"w:{name}"), face)


def _defaults(document: Any, *, zh: bool) -> None:
    """Languages, and the mode of today's Word instead of one that imitates an old one."""
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    fonts = defaults.find(qn("w:rFonts"))
    fonts.attrib.clear()
    for name, face in (("ascii", FANG if zh else LATIN), ("hAnsi", FANG if zh else LATIN), ("eastAsia", FANG), ("cs", LATIN)):
        fonts.set(qn(f"w:{name}"), face)
    spoken = defaults.find(qn("w:lang"))
    spoken.attrib.clear()
    spoken.set(qn("w:val"), "en-US")
    spoken.set(qn("w:eastAsia"), "zh-CN")
    settings = document.settings
    settings.odd_and_even_pages_header_footer = True
    for each in settings.element.iter(qn("w:compatSetting")):
        if each.get(qn("w:name")) == "compatibilityMode":
            each.set(qn("w:val"), "15")
    settings.element.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")
    settings.element.find(qn("w:zoom")).set(qn("w:percent"), "100")


def _faces(document: Any) -> None:
    """The table of fonts: their Chinese names, width and family, so that something like them is taken elsewhere."""
    drawn = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:panose1 w:val="{panose}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="{pitch}"/></w:font>'
        for name, other, panose, family, pitch in _FACES
    )
    drawn += "".join(
        f'<w:font w:name="{name}"><w:charset w:val="00"/><w:family w:val="{family}"/><w:pitch w:val="variable"/></w:font>'
        for name, family in ((LATIN, "roman"), (LATIN_HEAD, "swiss"))
    )
    table = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{drawn}</w:fonts>'
    for part in document.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = table.encode()  # noqa: SLF001 — kept as bytes, without a door of its own
