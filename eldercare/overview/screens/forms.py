"""Setting a wall screen up; typing its code."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Form, Pick, PickOne, Text
from eldercare.overview.screens.models import MAP_WORDS


class ScreenForm(Form):
    """A new screen."""

    name = Text(_l("Name of the screen"), required=True, longest=40, help=_l("Where it hangs, such as “duty room, east wall”."))
    place = Pick(_l("Place"), required=True)
    shows = PickOne(_l("The map shows"), choices=tuple(MAP_WORDS.items()), required=True)

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        place = self.place.data
        return {"name": self.name.data, "township_id": None if place == "district" else int(place), "shows": self.shows.data}


class CodeForm(Form):
    """The code, typed in at the screen."""

    code = Text(_l("Code of the screen"), required=True, longest=20,
                help=_l("Twelve letters and digits, as shown where the screen was set up."))  # fmt: skip
