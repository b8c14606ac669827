"""The tablet page: a shell that lies in the browser's cache, its service worker, what makes it installable.

Everything else of it is static/field; what it says to the server is api.py.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, render_template, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from eldercare.core.access import PUBLIC, P
from eldercare.core.jinja import DIST, asset, lang
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page

room = Room("field", __name__, url_prefix="/inspections/field")
PICTURES = ("field-192.png", "field-512.png", "logo.svg")


@room.get("/", allow=P.INSPECTION_DO)
def index(scope: Scope) -> Any:
    """The page, without anything of a person: it is kept in the cache of a tablet that several share."""
    return page("inspections/field/index.html", words=words(), version=version())


@room.get("/worker.js", allow=PUBLIC)
def worker(scope: Scope) -> Any:
    """The service worker; another version of anything it keeps makes it another one."""
    told = {"version": version(), "home": url_for(".index"), "files": kept_files()}
    code = (DIST / Path(asset("field-worker.js")).name).read_text("utf-8")
    return Response(f"self.FIELD={json.dumps(told)};\n{code}", mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@room.get("/manifest.webmanifest", allow=PUBLIC)
def manifest(scope: Scope) -> Any:
    """What a tablet needs to put the page on its home screen."""
    icons = [
        {"src": url_for("static", filename=f"field-{px}.png"), "sizes": f"{px}x{px}", "purpose": "any maskable"}
        for px in (192, 512)
    ]
    home = {"start_url": url_for(".index"), "scope": url_for(".index"), "id": url_for(".index"), "display": "standalone"}
    look = {"lang": lang(), "theme_color": "#123a63", "background_color": "#ffffff", "icons": icons}
    told = {"name": _("Visits on the tablet"), "short_name": _("Visits"), **home, **look}
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")


def kept_files() -> list[str]:
    """The addresses a tablet must hold to open the page in a cellar."""
    pictures = [url_for("static", filename=name) for name in PICTURES]
    return [asset("field.js"), asset("field.css"), *pictures]


@cache
def _said(_stamp: float) -> dict[str, dict[str, str]]:
    said = {}
    for name, locale in (("zh", "zh_Hans_CN"), ("en", "en")):
        with force_locale(locale):
            said[name] = json.loads(render_template("inspections/field/_words.html"))
    return said


def words() -> dict[str, dict[str, str]]:
    """Every word of the page in both languages: which one is read is chosen without a network too."""
    return _said((DIST / "manifest.json").stat().st_mtime if current_app.debug else 0)


def version() -> str:
    """Eight signs that change with anything a tablet holds: bundles, words, the page itself."""
    parts = [*kept_files(), asset("field-worker.js"), json.dumps(words(), sort_keys=True)]
    parts += [(Path(current_app.root_path).parent / "templates/inspections/field/index.html").read_text("utf-8")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
