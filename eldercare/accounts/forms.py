"""The shape of what is typed about accounts; the world is judged by the services."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from eldercare.accounts.models import ROLE_WORDS
from eldercare.core.forms import Day, Form, Pick, PickOne, Secret, Text, Whole

LANGUAGES = (("zh", "\u4e2d\u6587"), ("en", "English"))  # each in its own words


class SignInForm(Form):
    """Who wants to come in."""

    username = Text(_l("User name"), required=True, longest=60, autocomplete="username", render_kw={"autofocus": True})
    password = Secret(_l("Password"))


class PasswordForm(Form):
    """A new password of one's own."""

    current = Secret(_l("Present password"))
    new = Secret(_l("New password"), autocomplete="new-password")
    again = Secret(_l("New password once more"), autocomplete="new-password")

    def validate_again(self, field: Any) -> None:
        """Typed twice alike."""
        if field.data and field.data != self.new.data:
            raise ValidationError(_l("The two new passwords differ. Type the new one twice."))


class TokenForm(Form):
    """A token for a program that acts for a person."""

    label = Text(
        _l("What it is for"), required=True, longest=60,
        help=_l("The program that will use it, such as “monthly figures to the bureau”."),
    )
    days = Whole(_l("Valid for"), required=True, least=1, most=366, unit=_l("days"))


class PersonForm(Form):
    """A person to show: name and language."""

    name = Text(_l("Name"), required=True, longest=40)
    language = PickOne(_l("Language of the pages"), choices=LANGUAGES, required=True)


class NewPersonForm(PersonForm):
    """A new account."""

    username = Text(
        _l("User name"), required=True, longest=40, width="medium",
        help=_l(
            "For signing in; it cannot be changed later."
            " 2 to 40 small letters, digits, dots or hyphens, beginning with a letter."
        ),
    )


class GrantForm(Form):
    """A role at a place between two days."""

    role = Pick(_l("Role"), choices=[(str(role), words) for role, words in ROLE_WORDS.items()], required=True)
    place = Text(
        _l("Place"), longest=120,
        help=_l(
            "For a township officer the township, for a manager or canteen keeper the facility: type part of the name"
            " and choose. The other roles reach the whole district: leave it empty."
        ),
        render_kw={"list": "places"},
    )
    starts_on = Day(_l("From"), required=True)
    ends_on = Day(_l("Until"), help=_l("The last day. Leave it empty when no end is planned."))
