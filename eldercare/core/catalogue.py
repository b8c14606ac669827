"""Words of the catalogue, found quickly.

Flask-Babel asks for application, context, locale and catalogue anew at every word, and a page has
three hundred. The answers stay the same throughout a request, so its own look-ups are replaced by
ones that go straight to where it keeps them (`g._flask_babel`). `force_locale` works as before.
"""

from types import SimpleNamespace
from typing import Any

import flask_babel
from babel.support import NullTranslations
from flask import Flask, g


def _context() -> SimpleNamespace | None:
    """Where Flask-Babel keeps the request's locale; None outside an application."""
    try:
        kept = g._get_current_object().__dict__  # noqa: SLF001
    except RuntimeError:
        return None
    found: SimpleNamespace | None = kept.get("_flask_babel")
    if found is None:
        found = kept["_flask_babel"] = SimpleNamespace()
    return found


class Catalogue(flask_babel.Domain):  # type: ignore[misc]
    """Flask-Babel's domain, remembering the loaded catalogues by language."""

    def __init__(self) -> None:
        super().__init__()
        self._loaded: dict[str, Any] = {}

    def get_translations(self) -> Any:
        """The catalogue of the request's language."""
        locale = flask_babel.get_locale()
        if locale is None:  # no application: words stay as they are
            return NullTranslations()
        found = self._loaded.get(locale.language)
        if found is None:
            found = self._loaded[locale.language] = super().get_translations()
        return found


def setup(app: Flask) -> None:
    """Let gettext, lazy words and templates use the one catalogue."""
    words = Catalogue()
    flask_babel._get_current_context = _context  # noqa: SLF001
    flask_babel.get_domain = lambda: words
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: words.get_translations().ugettext(text),
        ngettext=lambda one, many, count: words.get_translations().ungettext(one, many, count),
        newstyle=True,
    )
