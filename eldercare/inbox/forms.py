"""Where alerts go by mail."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from eldercare.core.forms import Form, Text, Tick

_ADDRESS = re.compile(r"[^@\s,;<>()\[\]\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}")


class AddressForm(Form):
    """One's own address and whether alerts go there."""

    address = Text(
        _l("Mail address"), longest=120, width="medium", autocomplete="email",
        help=_l("Leave it empty to get no mail. A new address gets a trial mail at once."),
    )
    is_on = Tick(_l("Send me alerts by mail"))

    def validate_address(self, field: Any) -> None:
        """Shaped like an address (whether it exists, the trial mail shows)."""
        if field.data and not _ADDRESS.fullmatch(field.data):
            raise ValidationError(_l("This is not a mail address. It looks like name@example.cn."))
