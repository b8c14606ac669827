"""Writes of the field: what the tablets send, and whom a visit looks at. lock → judge → change → record."""

from eldercare.inspections.field.services.incoming import keep_draft, keep_photo
from eldercare.inspections.field.services.records import take_in
from eldercare.inspections.field.services.rescue import Rescued, keep_file, kept_file, make_key, open_file, rescue, taken
from eldercare.inspections.field.services.retention import tidy, tidy_rescue
from eldercare.inspections.field.services.sampling import draw_sample

__all__ = [
    "Rescued", "draw_sample", "keep_draft", "keep_file", "keep_photo", "kept_file", "make_key", "open_file", "rescue", "take_in",
    "taken", "tidy", "tidy_rescue",
]  # fmt: skip
