"""养老机构安全监管季报: the district's quarterly oversight report, of the same parts as the monthly one (domain notes §8).

`collect()` returns the sealed figures in the shape of `reports.monthly_oversight.report`; the trend stays one of months.
"""

from __future__ import annotations

from reports._paper import assemble
from reports._paper.words import Words
from reports.monthly_oversight.report import PARTS as MONTHLY

KIND = "quarterly-oversight"
CADENCE = "quarterly"
AUDIENCE = "district"
LIFE = "reviewed"
TEMPLATE_VERSION = "4"
LANGUAGES = ("zh",)  # the other on request, from the sealed figures
FOLDER = "quarterly_oversight"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
COVER = True
PARTS = MONTHLY
collect, context = assemble.of(__name__)
