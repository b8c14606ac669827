"""Sending a list."""

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Form, Upload
from eldercare.core.sheets import MOST_BYTES

KINDS = ("xlsx", "xls", "csv", "xlsm", "et")


class SendForm(Form):
    """The workbook."""

    file = Upload(
        _l("The list"), kinds=KINDS, most_mb=MOST_BYTES // 1_000_000, required=True,
        help=_l(".xlsx, .xls or .csv. Columns are recognised by their headings; their order does not matter."),
    )

    def content(self) -> tuple[bytes, str]:
        """The bytes and the name of what was sent."""
        sent = self.file.data
        return (sent.read(), sent.filename or "") if sent is not None else (b"", "")
