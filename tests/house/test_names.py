"""Habit 4: one word for one thing; files and views stay short; rooms keep their names."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from eldercare import PACKAGES

ROOT = Path("eldercare")
ROOMS = {"__init__", "models", "queries", "services", "forms", "listing", "views", "api", "imports", "jobs", "commands"}
MORE_ROOMS = {
    "reporting": {"clock", "worker", "render", "seal"},
    "subsidies": {"rules"},
    # the demo district is data with a loader; nobody imports it
    "demo": {path.stem for path in (ROOT / "demo").glob("*.py")},
}
FEATURES = [package for package in PACKAGES if package != "core" and (ROOT / package.replace(".", "/")).exists()]
# addresses the contract fixes outside their package's own word
FIXED = {"/", "/sign-in", "/sign-out", "/password", "/account", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"}
FIXED_UNDER = ("/language/", "/account/", "/static/", "/overview/")


def sources() -> list[Path]:
    return sorted([*ROOT.rglob("*.py"), *Path("reports").rglob("*.py"), Path("config.py"), Path("environ.py"), Path("wsgi.py")])


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_has_rooms_of_fixed_names(feature: str) -> None:
    folder = ROOT / feature.replace(".", "/")
    allowed = ROOMS | MORE_ROOMS.get(feature, set())
    inside = {path.stem for path in folder.glob("*.py")}
    # a room that grew too long is a folder of the same name
    rooms_as_folders = {path.name for path in folder.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    packages = {p.split(".")[-1] for p in PACKAGES if p.startswith(f"{feature}.")}
    assert inside <= allowed, f"{feature}: {inside - allowed}"
    assert rooms_as_folders - packages <= allowed, f"{feature}: {rooms_as_folders - packages - allowed}"


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_has_a_card(feature: str) -> None:
    card = ast.get_docstring(ast.parse((ROOT / feature.replace(".", "/") / "__init__.py").read_text()))
    assert card
    assert len(card.splitlines()) <= 6
    for word in ("Owns:", "Words:", "Floor"):
        assert word in card, f"{feature}: the card says what it owns, its words, its floor"


def test_no_module_is_longer_than_400_lines() -> None:
    long = {str(path): n for path in sources() if (n := len(path.read_text().splitlines())) > 400}
    assert not long, f"a package asking to be split: {long}"


def test_no_view_is_longer_than_12_lines() -> None:
    long = []
    for path in [*ROOT.rglob("views.py"), *ROOT.rglob("views/*.py"), *ROOT.rglob("api.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("room." in ast.unparse(d) for d in node.decorator_list):
                body = [n for n in node.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
                lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
                if lines > 12:
                    long.append(f"{path}:{node.lineno} {node.name} {lines}")
    assert not long, long


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_addresses_are_kebab_case_with_typed_parameters(whole_app: Flask) -> None:
    for rule in rules(whole_app):
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9/.-]*", fixed), rule.rule
        for parameter in re.findall(r"<([^>]+)>", rule.rule):
            assert ":" in parameter or rule.rule.startswith(("/language/", "/verify/")), f"{rule.rule}: say the type"


def test_address_package_and_blueprint_are_one_word(whole_app: Flask) -> None:
    packages = {package.split(".")[-1] for package in PACKAGES}
    for rule in rules(whole_app):
        if rule.rule in FIXED or rule.rule.startswith(FIXED_UNDER):
            continue
        blueprint = rule.endpoint.split(".")[0].removesuffix("_api")
        parts = rule.rule.removeprefix("/api/v1").strip("/").split("/")
        assert blueprint in packages, f"{rule.rule}: blueprint {blueprint} is no package"
        # facilities answers for the places it owns, as /api/v1/townships
        assert blueprint in parts or parts[0] == "townships", f"{rule.rule} belongs to {blueprint}"


def test_templates_and_tests_stand_in_a_folder_of_their_packages_name() -> None:
    words = {package.split(".")[-1] for package in PACKAGES} | {package.split(".")[0] for package in PACKAGES}
    for folder in Path("templates").iterdir():
        assert folder.name.startswith("_") or folder.name in words, folder
    for folder in (path for path in Path("tests").iterdir() if path.is_dir() and path.name != "__pycache__"):
        assert folder.name in words | {"browser", "house", "reports", "scripts"}, folder


def test_nobody_else_asks_what_time_it_is() -> None:
    asks = re.compile(r"\b(date\.today|datetime\.now|datetime\.utcnow|time\.time)\(")
    guilty = [
        f"{path}:{n}" for path in ROOT.rglob("*.py") if path != ROOT / "core/calendar.py"
        for n, line in enumerate(path.read_text().splitlines(), 1) if asks.search(line) and "calendar" not in line
    ]
    assert not guilty, f"use core.calendar: {guilty}"


def test_a_bare_select_of_a_scoped_model_stands_in_scope_alone() -> None:
    from eldercare.core.db import Base, Scoped

    scoped = {m.class_.__name__ for m in Base.registry.mappers if issubclass(m.class_, Scoped)}
    guilty = []
    for path in ROOT.rglob("*.py"):
        if path.parts[1] == "demo" or path in (ROOT / "core/scope.py", ROOT / "core/audit.py", ROOT / "core/runs.py"):
            continue
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "select":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Name) and first.id in scoped:
                    guilty.append(f"{path}:{node.lineno}")
    assert not guilty, f"start at scope.select(): {guilty}"


def test_states_change_through_move_alone() -> None:
    guilty = [
        f"{path}:{node.lineno}"
        for path in ROOT.rglob("*.py") if path.name != "states.py" and path.parts[1] not in ("demo", "reporting") and path.name != "runs.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Attribute) and t.attr == "state" for t in node.targets)
    ]
    assert not guilty, f"use states.move(): {guilty}"


def test_role_names_appear_in_access_alone() -> None:
    guilty = [str(path) for path in Path("templates").rglob("*.html") if re.search(r"\bRole\.|role ==|has_role", path.read_text())]
    assert not guilty, f"templates ask can(P.X): {guilty}"
