"""What is typed or sent to be checked."""

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from eldercare.core.fields import Text
from eldercare.core.forms import Form
from eldercare.core.uploads import Upload


class CodeForm(Form):
    """The code on a paper; sent in the address, so that it can be found again."""

    class Meta:
        """It changes nothing."""

        csrf = False

    code = Text(
        _l("Check code"), required=True, longest=60,
        help=_l("Sixteen letters and digits, beside the QR code at the end or on the cover. Capitals and hyphens do not matter."),
    )


class FileForm(Form):
    """A PDF."""

    file = Upload(
        _l("PDF file"), required=True, help=_l("The file itself, not a scan or a photo of it. It is checked and not kept.")
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.file.most_mb = current_app.config["VERIFY_MAX_MB"]
        self.file.render_kw = {"accept": "application/pdf,.pdf"}
