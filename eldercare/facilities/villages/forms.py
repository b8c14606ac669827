"""A village: its township, its name, its code."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from eldercare.core.forms import Form, Pick, Text


class ChangeForm(Form):
    """Its name and code."""

    name = Text(_l("Name"), required=True, longest=60, width="medium", help=_l("In full, as on official papers."))
    code = Text(
        _l("Division code"), longest=12, width="medium",
        help=_l("Twelve digits of the statistical list; leave it empty when it is not known."),
        render_kw={"inputmode": "numeric"},
    )

    def validate_code(self, field: Any) -> None:
        """Twelve digits."""
        if field.data and not re.fullmatch(r"[0-9]{12}", field.data):
            raise ValidationError(_l("A village's code has twelve digits."))


class NewForm(ChangeForm):
    """The township as well."""

    township_id = Pick(_l("Township"), coerce=int, required=True)
