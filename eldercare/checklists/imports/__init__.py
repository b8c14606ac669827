"""A list as an XLSForm and back (pyxform's conventions), so that ODK, Kobo and others can read and write it.

Sheets `survey`, `choices`, `settings`: a group an area, a `select_one result` an item with its answers, `relevant` from the
item's condition, the legal basis as hint, both languages as `label::… (zh)` and `label::… (en)`. Columns that begin with
`x_` carry what an XLSForm has no word for; where they are missing an item is general, monthly, looked at on site.
Reading writes nothing: it gives a list's content and what is wrong, by sheet and cell.
"""

from eldercare.checklists.imports.reading import Read, read, words_of
from eldercare.checklists.imports.taking import take_in
from eldercare.checklists.imports.writing import as_sheets

__all__ = ["Read", "as_sheets", "read", "take_in", "words_of"]
