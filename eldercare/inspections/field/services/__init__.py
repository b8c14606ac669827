"""Writes of the field: what the tablets send, and whom a visit looks at. lock → judge → change → record."""

from eldercare.inspections.field.services.incoming import keep_draft, keep_photo
from eldercare.inspections.field.services.records import take_in
from eldercare.inspections.field.services.rescue import Rescued, make_key, open_file, rescue
from eldercare.inspections.field.services.retention import tidy
from eldercare.inspections.field.services.sampling import draw_sample

__all__ = ["Rescued", "draw_sample", "keep_draft", "keep_photo", "make_key", "open_file", "rescue", "take_in", "tidy"]
