"""Telling somebody, and having read a report."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Form, LongText, Moment, Pick, PickOne, Text
from eldercare.incidents.clocks.models import BODY_WORDS, OUTSIDE, WAY_WORDS


class ReceiptForm(Form):
    """Somebody outside, or the family, was told."""

    body = Pick(_l("Who was told?"), choices=[(body, BODY_WORDS[body]) for body in OUTSIDE], required=True)
    received_at = Moment(_l("When"), required=True)
    way = PickOne(
        _l("How"), choices=[(way, words) for way, words in WAY_WORDS.items() if way != "platform"], default="phone", required=True
    )
    told_by = Text(_l("Told by"), longest=60, required=True)
    told_whom = Text(_l("Spoken to"), longest=60, required=True, help=_l("Who answered: the name, or the number of the officer."))
    receipt_no = Text(_l("Receipt number"), longest=60, help=_l("Number of the call or the receipt, where there is one."))
    note = Text(_l("Note"), longest=300)

    def said(self) -> dict[str, Any]:
        """The particulars."""
        return {name: getattr(self, name).data for name in ("way", "told_by", "told_whom", "receipt_no", "note")}


class AcknowledgeForm(Form):
    """The report has been read."""

    note = LongText(_l("Instruction to the home"), rows=3, longest=500)
