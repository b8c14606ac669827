"""What every template can count on: filters for days, numbers and money; assets; the CSP nonce."""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from flask import Flask, Response, g, request, url_for
from flask_babel import get_locale, get_translations, gettext, ngettext
from jinja2 import StrictUndefined

from eldercare.core import calendar, secrets
from eldercare.core.access import P
from eldercare.core.web import can

DASH = "—"  # no value is never shown as 0
DIST = Path(__file__).parent.parent / "static" / "dist"


def lang() -> str:
    """The language of the request: zh or en. Asked hundreds of times a page, so what is known already is read directly."""
    try:
        # where Flask-Babel keeps it; empty after words were said in another language (force_locale)
        locale = g._get_current_object().__dict__["_flask_babel"].babel_locale or get_locale()  # noqa: SLF001
    except (RuntimeError, KeyError, AttributeError):
        locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def day(value: date | datetime | None, language: str | None = None) -> str:
    """2026年11月23日 or 23 Nov 2026."""
    if value is None:
        return DASH
    if isinstance(value, datetime):
        value = calendar.local(value).date()
    if (language or lang()) == "zh":
        return f"{value.year}\u5e74{value.month}\u6708{value.day}\u65e5"
    return f"{value.day} {value:%b} {value.year}"


def month(value: calendar.Month | str) -> str:
    """2026年11月 or November 2026; of a month or of its text, 2026-11."""
    value = calendar.Month.parse(value) if isinstance(value, str) else value
    return f"{value.year}\u5e74{value.month}\u6708" if lang() == "zh" else f"{value.first:%B} {value.year}"


def locale() -> str:
    """The language of the request as the catalogue names it."""
    return "en" if lang() == "en" else "zh_Hans_CN"


def month_label(month: calendar.Month) -> str:
    """A month on an axis: the year at January, the short month otherwise."""
    if month.month == 1:
        return str(month.year)
    return month.first.strftime("%b") if lang() == "en" else f"{month.month}\u6708"


def january(months: Iterable[calendar.Month]) -> int | None:
    """Where on an axis of months the year stands."""
    return next((at for at, month in enumerate(months) if month.month == 1), None)


def moment(value: datetime | None, language: str | None = None) -> str:
    """The day and the time of day, 24 h, as read in the district."""
    return DASH if value is None else f"{day(value, language)} {calendar.local(value):%H:%M}"


def span(time: timedelta) -> str:
    """A length of time in its largest fitting unit: 40 minutes, 5 hours, 3 days."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 60:
        return str(ngettext("%(num)d minute", "%(num)d minutes", minutes))
    if minutes < 48 * 60:
        return str(ngettext("%(num)d hour", "%(num)d hours", minutes // 60))
    return str(ngettext("%(num)d day", "%(num)d days", minutes // 1440))


def until(value: datetime | None) -> str:
    """How long there is to a moment, or how long it is past."""
    if value is None:
        return DASH
    left = value - calendar.now()
    said = gettext("%(time)s late", time=span(-left)) if left < timedelta() else gettext("%(time)s left", time=span(left))
    return str(said)


def number(value: float | Decimal | None, digits: int = 0) -> str:
    """42,500; a dash for no value."""
    return DASH if value is None else f"{value:,.{digits}f}"


def ratio(value: float | Decimal | None, digits: int = 1) -> str:
    """0.605 → 60.5%."""
    if value is None:
        return DASH
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(str(value)) * 100).quantize(step, ROUND_HALF_UP)}%"


def yuan(fen: int | None) -> str:
    """Fen → ¥1,234.00."""
    return DASH if fen is None else f"\u00a5{fen / 100:,.2f}"


def dash(value: Any) -> Any:
    """The value, or a dash when there is none."""
    return DASH if value is None or value == "" else value


@lru_cache(maxsize=1)
def _manifest(_stamp: float) -> dict[str, str]:
    found: dict[str, str] = json.loads((DIST / "manifest.json").read_text())
    return found


def asset(name: str) -> str:
    """The address of a bundled file; a clear stop when the assets were never built."""
    manifest = DIST / "manifest.json"
    if not manifest.exists():
        raise RuntimeError("the front end is not built: run scripts/assets")
    return url_for("static", filename="dist/" + _manifest(manifest.stat().st_mtime)[name])


def csp_nonce() -> str:
    """The nonce of this answer's own scripts and styles."""
    if "nonce" not in g:
        g.nonce = token_urlsafe(16)
    nonce: str = g.nonce
    return nonce


def _headers(app: Flask, response: Response) -> Response:
    tiles = ""
    if app.config["TILE_URL"]:
        tiles = " https://" + app.config["TILE_URL"].split("//")[-1].split("/")[0].replace("{s}", "*")
    nonce = f"'nonce-{csp_nonce()}'"
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; script-src 'self' {nonce}; style-src 'self' {nonce}; img-src 'self' data:{tiles};"
        " object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "geolocation=(self), camera=(self)"
    if app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    elif "/dist/" in request.path:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _words() -> tuple[Callable[..., str], Callable[..., str]]:
    """`_` and `ngettext` for templates: what Flask-Babel's do, but a language's catalogue is looked up once."""
    known: dict[str, Any] = {}

    def catalogue() -> Any:
        language = lang()
        return known.get(language) or known.setdefault(language, get_translations())

    def say(text: str, **variables: Any) -> str:
        said = str(catalogue().ugettext(text))
        return said % variables if variables else said

    def say_many(one: str, many: str, num: int, **variables: Any) -> str:
        return str(catalogue().ungettext(one, many, num)) % {"num": num, **variables}

    return say, say_many


def setup(app: Flask) -> None:
    """Strict templates, our filters, the security headers."""
    app.jinja_env.undefined = StrictUndefined
    # one set of globals for all templates: a ChainMap for each, as usual, is walked key by key at every import
    app.jinja_env.make_globals = lambda _given: app.jinja_env.globals  # type: ignore[assignment,method-assign]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.globals["once"] = cache  # a macro drawn once for each set of arguments, for what never changes
    app.jinja_env.filters.update(
        day=day, month=month, moment=moment, number=number, ratio=ratio, yuan=yuan, dash=dash, mask_name=secrets.mask_name,
        local=calendar.local, until=until,
    )
    say, say_many = _words()
    app.jinja_env.globals.update(P=P, can=can, asset=asset, csp_nonce=csp_nonce, lang=lang, DASH=DASH, _=say, ngettext=say_many)
    app.context_processor(lambda: {"today": calendar.today(), "lang": lang()})
    app.after_request(lambda response: _headers(app, response))
