"""What an officer says who looked at a flag."""

from flask_babel import lazy_gettext as _l

from eldercare.core.forms import Form, LongText, PickOne
from eldercare.selfchecks.flags.models import JUDGED, STATE_WORDS


class JudgeForm(Form):
    """In order or not, and how one knows."""

    verdict = PickOne(_l("What did you find?"), choices=[(each, STATE_WORDS[each]) for each in JUDGED], required=True)
    note = LongText(_l("How do you know?"), required=True, longest=500, rows=3)
