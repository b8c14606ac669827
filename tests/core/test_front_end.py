"""The map's arithmetic, and the style sheet that keeps only what pages name."""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ROOT / "eldercare" / "static" / "parts"


def run_js(module, expression):
    node = shutil.which("node", path=f"{ROOT}/.venv/bin") or shutil.which("node")
    if not node:
        pytest.skip("no node")
    script = f'import * as m from "{PARTS / module}"; console.log(JSON.stringify({expression}));'
    bundled = subprocess.run(
        [ROOT / "node_modules/.bin/esbuild", "--bundle", "--format=cjs"], input=script, capture_output=True, text=True,
        check=True, cwd=PARTS, timeout=30,
    ).stdout
    return json.loads(subprocess.run([node, "-e", bundled], capture_output=True, text=True, check=True, timeout=30).stdout)


def test_coordinates_are_shifted_by_the_published_approximation():
    gcj, baidu, abroad, plain = run_js(
        "coords.js", "[m.toGcj(39.915, 116.404), m.toBaidu(39.915, 116.404), m.toGcj(10, 10), m.shifter('wgs84')(36.4, 120.5)]"
    )
    assert gcj == pytest.approx([39.916404, 116.410244], abs=1e-6)
    assert baidu == pytest.approx([39.922700, 116.416627], abs=1e-6)
    assert abroad == [10, 10]
    assert plain == [36.4, 120.5]


def area(ring):
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def test_the_cells_of_the_sketch_fill_its_outline_without_overlap():
    sites = [[120.46, 36.36], [120.48, 36.40], [120.39, 36.38], [120.87, 36.51], [120.22, 36.52], [120.68, 36.54]]
    cells, border = run_js("sketch.js", f"[m.cells({sites}, m.outline({sites})), m.outline({sites})]")
    assert len(cells) == len(sites)
    assert sum(area(cell) for cell in cells) == pytest.approx(area(border), rel=1e-6)


@pytest.fixture(scope="module")
def trim():
    spec = importlib.util.spec_from_file_location("trim", ROOT / "scripts" / "_trim.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.trim


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".used{a:b}.not-used{a:b}", ".used{a:b}"),
        (".used,.not-used,p{a:b}", ".used,p{a:b}"),
        (".used .not-used{a:b}", ""),
        (".used:not(.not-used){a:b}", ".used:not(.not-used){a:b}"),
        ("@media (x){.used{a:b}.not-used{a:b}}", "@media (x){.used{a:b}}"),
        ("@media (x){.not-used{a:b}}", ""),
        ('@charset "UTF-8";p{a:b}', '@charset "UTF-8";p{a:b}'),
        ("@keyframes k{0%{a:b}}", "@keyframes k{0%{a:b}}"),
        (".used\\:on{a:b}/* .used */", ""),
        (":is(.used,.not-used) p,a{a:b}", ":is(.used,.not-used) p,a{a:b}"),
    ],
)
def test_the_style_sheet_keeps_what_pages_name(trim, css, kept):
    assert trim(css, {"used"}) == kept


# a base in one sheet, a shade of it in another
IN_TWO_SHEETS = {"figure-value", "history-when", "crumbs", "hash"}


def test_a_class_is_laid_out_in_one_sheet() -> None:
    sheets: dict[str, set[str]] = {}
    for path in Path("eldercare/static/css").glob("*.css"):
        for selector in re.findall(r"^(\.[^{]+)\{", path.read_text(), re.MULTILINE):
            for name in re.findall(r"(?:^|,\s*)\.([a-z0-9-]+)\s*(?=,|$)", selector.strip()):
                sheets.setdefault(name, set()).add(path.name)
    assert {name for name, found in sheets.items() if len(found) > 1} <= IN_TWO_SHEETS, "one word, one layout: give it another name"
