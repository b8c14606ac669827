# mypy: disallow-subclassing-any=False, disable-error-code="has-type"
"""Fields of forms: what each cleans, what shape it asks for, and the words when the shape is wrong.

`help` is the line under the label, `required` marks and checks, `rules` are further WTForms
validators. An empty answer is None, never an empty text. See `forms.py` for their use.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation, ValidationError

from eldercare.core import calendar
from eldercare.core.identifiers import id_number_fault, normalise_id

Choices = Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]]


def first_id(field: Any) -> str:
    """The id of the control an error link should focus: the first box where there are several."""
    return f"{field.id}-0" if isinstance(field, RadioField | SelectMultipleField) else str(field.id)


# cleaning

_BLANKS = re.compile(r"[\s\u3000]+")


def clean_text(value: Any) -> Any:
    """Trim, compose (NFC), drop control characters but line ends; an empty text is None."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc").strip().strip("\u3000")
    return text or None


def one_line(value: Any) -> Any:
    """The same with runs of blanks made one."""
    return _BLANKS.sub(" ", value) if isinstance(value, str) else value


def half_width(value: Any) -> Any:
    """For numbers typed by people: half-width forms, no blanks, upper case."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", value)).upper() if isinstance(value, str) else value


# fields


def _rules(*, required: bool, also: Sequence[Any] = ()) -> list[Any]:
    return [InputRequired(_l("Fill this in.")) if required else Optional(), *also]


class Text(StringField):
    """One line of text, at most `longest` characters; None when empty."""

    def __init__(
        self, label: Any, *, required: bool = False, longest: int = 200, help: Any = "", rules: Sequence[Any] = (),
        filters: Sequence[Callable[[Any], Any]] = (), width: str = "", autocomplete: str = "off", **more: Any,
    ) -> None:
        limit = Length(max=longest, message=_l("Write at most %(max)d characters."))
        super().__init__(
            label, _rules(required=required, also=[_NotBlank(), limit, *rules] if required else [limit, *rules]),
            filters=(clean_text, one_line, *filters), description=help, **more,
        )
        self.width = width
        self.render_kw = {"maxlength": longest, "autocomplete": autocomplete} | (self.render_kw or {})


class _NotBlank:
    """Blanks alone are no answer."""

    def __call__(self, _form: Any, field: Any) -> None:
        if field.data is None:
            raise StopValidation(_l("Fill this in."))


class LongText(TextAreaField):
    """Several lines of text; None when empty."""

    def __init__(
        self, label: Any, *, required: bool = False, longest: int = 2000, help: Any = "", rows: int = 4,
        rules: Sequence[Any] = (), **more: Any,
    ) -> None:
        limit = Length(max=longest, message=_l("Write at most %(max)d characters."))
        super().__init__(
            label, _rules(required=required, also=[_NotBlank(), limit, *rules] if required else [limit, *rules]),
            filters=(clean_text,), description=help, **more,
        )
        self.render_kw = {"rows": rows, "maxlength": longest} | (self.render_kw or {})


class Secret(PasswordField):
    """A password: never cleaned, never sent back."""

    def __init__(
        self, label: Any, *, required: bool = True, help: Any = "", rules: Sequence[Any] = (),
        autocomplete: str = "current-password", **more: Any,
    ) -> None:
        super().__init__(label, _rules(required=required, also=rules), description=help, **more)
        self.render_kw = {"autocomplete": autocomplete, "maxlength": 200} | (self.render_kw or {})


_PHONE = re.compile(r"1\d{10}|0\d{9,11}|[2-8]\d{6,7}|400\d{7}|1[012]\d{1,3}")


class Phone(Text):
    """A mobile or fixed telephone number, kept as digits only."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, longest=20, filters=(half_width, _digits), width="medium", **more)
        self.render_kw = (self.render_kw or {}) | {"inputmode": "tel", "spellcheck": "false"}

    def pre_validate(self, form: Any) -> None:
        """A length that exists."""
        if self.data and not _PHONE.fullmatch(self.data):
            raise StopValidation(_l("This is no telephone number. A mobile has 11 digits; a fixed line needs its area code."))


def _digits(value: Any) -> Any:
    return re.sub(r"[-()+]", "", value) if isinstance(value, str) else value


_ID_FAULTS = {
    "id_number.length": _l("An ID number has 18 characters: 17 digits, then a digit or X."),
    "id_number.signs": _l("An ID number has 18 characters: 17 digits, then a digit or X."),
    "id_number.birth_date": _l("Digits 7 to 14 are no day of birth."),
    "id_number.check_digit": _l("The last character does not match the other 17: one of them is mistyped."),
}


class IdNumber(Text):
    """A citizen's identity number, repaired and judged as everywhere (`core/identifiers.py`)."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, longest=40, filters=(_normal_id,), width="medium", **more)
        self.render_kw = (self.render_kw or {}) | {"spellcheck": "false", "autocapitalize": "characters"}

    def pre_validate(self, form: Any) -> None:
        """Length, signs, day of birth, check character."""
        fault = id_number_fault(self.data, calendar.today()) if self.data else None
        if fault:
            raise StopValidation(_ID_FAULTS[fault])


def _normal_id(value: Any) -> Any:
    return normalise_id(value) if isinstance(value, str) else value


class Day(DateField):
    """A day, chosen with the browser's own calendar."""

    widget = widgets.DateInput()

    def __init__(
        self, label: Any, *, required: bool = False, help: Any = "", rules: Sequence[Any] = (),
        earliest: date = date(1900, 1, 1), latest: date = date(2100, 12, 31), **more: Any,
    ) -> None:
        super().__init__(label, _rules(required=required, also=rules), format="%Y-%m-%d", description=help, **more)
        self.earliest, self.latest, self.width = earliest, latest, "short"
        self.render_kw = {"min": earliest.isoformat(), "max": latest.isoformat()} | (self.render_kw or {})

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read an ISO day."""
        text = half_width(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = date.fromisoformat(text)
        except ValueError:
            raise ValueError(_l("This is no day. Write it as 2026-11-23.")) from None

    def pre_validate(self, form: Any) -> None:
        """Within the bounds."""
        if self.data and not self.earliest <= self.data <= self.latest:
            raise StopValidation(_l("This day is out of range."))


class Moment(StringField):
    """A day and a time of day as the district reads it; gives a UTC moment. Never in the future."""

    data: Any
    widget = widgets.DateTimeLocalInput()

    def __init__(self, label: Any, *, required: bool = False, help: Any = "", rules: Sequence[Any] = (), **more: Any) -> None:
        super().__init__(label, _rules(required=required, also=rules), description=help, **more)
        self.width = "short"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read 2026-11-23T14:05, with or without seconds."""
        text = half_width(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = datetime.fromisoformat(text).replace(tzinfo=calendar.SHANGHAI).astimezone(UTC)
        except (ValueError, OverflowError):  # the first morning of the year 1 is no moment in UTC
            raise ValueError(_l("This is no day with a time. Write it as 2026-11-23T14:05.")) from None

    def pre_validate(self, form: Any) -> None:
        """Within this century and not ahead of time."""
        if self.data and self.data.year < 2000:
            raise StopValidation(_l("This day is out of range."))
        if self.data and self.data > calendar.now() + timedelta(minutes=1):
            raise StopValidation(_l("This time lies in the future. Check it."))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else f"{calendar.local(self.data):%Y-%m-%dT%H:%M}" if self.data else ""


class Whole(IntegerField):
    """A whole number between `least` and `most`."""

    def __init__(
        self, label: Any, *, required: bool = False, least: int = 0, most: int = 1_000_000, help: Any = "",
        unit: Any = "", rules: Sequence[Any] = (), **more: Any,
    ) -> None:
        bounds = NumberRange(least, most, _l("The number must lie between %(min)s and %(max)s."))
        super().__init__(label, _rules(required=required, also=[bounds, *rules]), description=help, **more)
        self.unit, self.width = unit, "short"
        self.render_kw = {"min": least, "max": most, "inputmode": "numeric"} | (self.render_kw or {})

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a whole number, full-width digits too."""
        text = half_width(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = int(text.replace(",", ""))
        except ValueError:
            raise ValueError(_l("Write a whole number.")) from None


class Measure(StringField):
    """A decimal number with at most `places` places; gives a Decimal."""

    data: Any

    def __init__(
        self, label: Any, *, required: bool = False, least: float = 0, most: float = 1e9, places: int = 2,
        help: Any = "", unit: Any = "", rules: Sequence[Any] = (), **more: Any,
    ) -> None:
        low, high = (f"{Decimal(str(end)):f}".removesuffix(".0") for end in (least, most))
        bounds = NumberRange(Decimal(low), Decimal(high), _l("The number must lie between %(min)s and %(max)s."))
        super().__init__(label, _rules(required=required, also=[bounds, *rules]), description=help, **more)
        self.places, self.unit, self.width = places, unit, "short"
        self.render_kw = {"inputmode": "decimal", "autocomplete": "off"} | (self.render_kw or {})

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a decimal number."""
        text = half_width(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            number = Decimal(text.replace(",", "").lstrip("¥"))
        except InvalidOperation:
            raise ValueError(_l("Write a number.")) from None
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int):
            raise ValueError(_l("Write a number."))  # noqa: TRY004 — WTForms reads ValueError
        if -exponent > self.places:
            raise ValueError(_l("Write at most %(places)d decimal places.", places=self.places))
        self.data = number

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "" if self.data is None else f"{self.data:f}"


class Yuan(Measure):
    """Money: typed in yuan, kept in fen (an integer)."""

    def __init__(self, label: Any, *, most: float = 1e8, **more: Any) -> None:
        super().__init__(label, most=most, places=2, unit=_l("yuan"), **more)

    @property
    def fen(self) -> int | None:
        """The amount in fen."""
        return None if self.data is None else int(self.data * 100)


class _Offering:
    """What fields with choices share: the choices may be set late, and are checked in our words."""

    values: Choices = ()
    empty: Any = None

    def _offered(self) -> list[SelectChoice]:
        pairs = self.values() if callable(self.values) else self.values
        offered = [SelectChoice(value=value, label=words) for value, words in pairs]
        return offered if self.empty is None else [SelectChoice(value="", label=self.empty), *offered]

    def offer(self, choices: Choices) -> None:
        """Set the choices, where they depend on the person's reach."""
        self.values = choices if callable(choices) else list(choices)

    def pre_validate(self, _form: Any) -> None:
        """Nothing chosen is for `required` to judge; anything else must be on offer."""
        field: Any = self
        if field.process_errors or field.data is None:
            return
        on_offer = {field.coerce(choice.value) for choice in self._offered()}
        if not on_offer.issuperset(field.data if isinstance(field.data, list) else [field.data]):
            raise ValidationError(_l("This is none of the choices."))


class Pick(_Offering, SelectField):
    """One of some values from a drop-down that begins empty; None when nothing is chosen.

    `judged`: the id of a row that is no longer on offer goes on to the service, which says why (somebody took the bed).
    """

    def __init__(
        self, label: Any, *, choices: Choices = (), required: bool = False, help: Any = "", empty: Any = None,
        coerce: Callable[[Any], Any] = str, rules: Sequence[Any] = (), judged: bool = False, **more: Any,
    ) -> None:
        self.offer(choices)
        self.empty, self.judged = empty or _l("Please choose"), judged
        super().__init__(
            label, _rules(required=required, also=rules), coerce=_or_none(coerce), description=help,
            choices=self._offered, invalid_value_message=_l("This is none of the choices."), **more,
        )

    def pre_validate(self, form: Any) -> None:
        """On offer, or a row's id that the service judges."""
        if not (self.judged and isinstance(self.data, int) and 0 < self.data < 2**63):
            super().pre_validate(form)


class PickOne(_Offering, RadioField):
    """One of at most seven values, all of them in sight."""

    def __init__(
        self, label: Any, *, choices: Choices = (), required: bool = False, help: Any = "",
        coerce: Callable[[Any], Any] = str, rules: Sequence[Any] = (), **more: Any,
    ) -> None:
        self.offer(choices)
        super().__init__(
            label, _rules(required=required, also=rules), coerce=_or_none(coerce), description=help,
            choices=self._offered, invalid_value_message=_l("This is none of the choices."), **more,
        )


class PickMany(_Offering, SelectMultipleField):
    """Any number of some values, as boxes to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def __init__(
        self, label: Any, *, choices: Choices = (), required: bool = False, help: Any = "",
        coerce: Callable[[Any], Any] = str, rules: Sequence[Any] = (), **more: Any,
    ) -> None:
        self.offer(choices)
        super().__init__(
            label, _rules(required=required, also=rules), coerce=coerce, description=help,
            choices=self._offered, invalid_value_message=_l("This is none of the choices."), **more,
        )


class Tick(BooleanField):
    """Yes or no; `required` means it must be ticked."""

    def __init__(self, label: Any, *, required: bool = False, help: Any = "", rules: Sequence[Any] = (), **more: Any) -> None:
        must = [InputRequired(_l("Tick this to go on."))] if required else []
        super().__init__(label, [*must, *rules], description=help, **more)


def _or_none(coerce: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        return None if value is None or value == "" else coerce(value)

    return read
