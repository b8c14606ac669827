"""隐患整改台账: the hazards of a district, a township or a facility over any period, for whoever asks (domain notes §5.4).

`collect()` returns the frame (`_paper/figures.begin`) and what its parts `ledger_sums` and `ledger` document.
"""

from __future__ import annotations

from reports._paper import assemble
from reports._paper.words import Words

KIND = "rectification-ledger"
CADENCE = "request"
AUDIENCE = "any"
LIFE = "issued"
TEMPLATE_VERSION = "2"
LANGUAGES = ("zh",)  # the other on request, from the sealed figures
FOLDER = "rectification_ledger"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
PARTS = ("ledger_sums", "ledger", "definitions")
collect, context = assemble.of(__name__)
