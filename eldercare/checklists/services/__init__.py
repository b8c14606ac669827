"""Writes of the catalogue: `versions` (drafts begun, published, ended, the file taken in), `drafts` (what is in one)."""

from eldercare.checklists.services.drafts import (
    add_area,
    add_hazard,
    add_item,
    change_area,
    change_hazard,
    change_item,
    change_row,
    change_rule,
    change_version,
    judge_item,
    judge_rule,
    move,
    remove,
)
from eldercare.checklists.services.versions import (
    discard,
    end,
    load_catalogue,
    new_checklist,
    publish,
    retire_past,
    start_draft,
)

__all__ = [
    "add_area", "add_hazard", "add_item", "change_area", "change_hazard", "change_item", "change_row", "change_rule",
    "change_version", "discard", "end", "judge_item", "judge_rule", "load_catalogue", "move", "new_checklist", "publish",
    "remove", "retire_past", "start_draft",
]
