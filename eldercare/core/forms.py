# mypy: disallow-subclassing-any=False
"""Form: one class per act; every field is cleaned, labelled and drawn one way.

    class MoveInForm(Form):
        name = Text(_l("Name"), required=True, longest=50)
        moved_on = Day(_l("Moved in on"), required=True, help=_l("The first night in the bed."))
        township = Pick(_l("Township"), choices=townships, required=True)

A form judges the shape of input and nothing of the world: that is the service's work, whose
`Refused(field=…)` lands on the form through `with trying(form)` (core/web.py). There is no populate_obj: the view
passes the named values on. Text is trimmed and composed (NFC); only number-like fields are
folded to half width (NFKC), because that would change rare characters in people's names.
The drawing is `templates/_parts/form.html`.
"""

from typing import Any, NoReturn

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField

from eldercare.core.fields import (
    Day,
    IdNumber,
    LongText,
    Measure,
    Moment,
    Phone,
    Pick,
    PickMany,
    PickOne,
    Secret,
    Text,
    Tick,
    Whole,
    Yuan,
    first_id,
)
from eldercare.core.uploads import Scan, Scans, Upload

__all__ = [
    "Day", "Form", "IdNumber", "LongText", "Measure", "Moment", "Phone", "Pick", "PickMany", "PickOne", "Scan", "Scans",
    "Secret", "Text", "Tick", "Upload", "Whole", "Yuan",
]

# What WTForms says by itself, named here so that the catalogue holds it.
WTFORMS_MESSAGES = (
    _l("Not a valid choice."),
    _l("Not a valid choice: could not coerce."),
    _l("Invalid Choice: could not coerce."),
    _l("Invalid choice(s): one or more data inputs could not be coerced."),
    _l("The CSRF token is missing."),
    _l("The CSRF session token is missing."),
    _l("The CSRF token has expired."),
    _l("The CSRF token is invalid."),
)


class _OurWords:
    """WTForms' own sentences, from our catalogue."""

    def gettext(self, text: str) -> str:
        return str(gettext(text))

    def ngettext(self, one: str, many: str, n: int) -> str:
        return str(ngettext(one, many, n))


class Form(FlaskForm):
    """The base of every form."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> _OurWords:
            """Our catalogue instead of the ones WTForms ships."""
            return _OurWords()

    def populate_obj(self, obj: Any) -> NoReturn:
        """Refused: the view names what it passes on."""
        raise TypeError("pass named values to the service; populate_obj copies whatever was posted")

    @property
    def problems(self) -> list[tuple[str | None, str]]:
        """Every error with the id of the control it belongs to (None: the whole form), in the order of the page."""
        found: list[tuple[str | None, str]] = [(None, str(text)) for text in self.form_errors]
        for field in self:
            name = str(field.label.text).rstrip("?？")  # a label that asks is named, not asked again
            for text in field.errors:
                hidden = field.type in {"CSRFTokenField", "HiddenField"}
                words = str(text) if hidden else gettext("%(field)s: %(problem)s", field=name, problem=text)
                found.append((None if hidden else first_id(field), str(words)))
        return found

    @property
    def has_files(self) -> bool:
        """Whether the form must be sent as multipart."""
        return any(isinstance(field, FileField | MultipleFileField) for field in self)
