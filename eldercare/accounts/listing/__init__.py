"""The list of people, and the settings of this installation put into words."""

from eldercare.accounts.listing.people import PEOPLE, STATES, grant_words, grants_words, state_of
from eldercare.accounts.listing.settings import SETTINGS, Setting, Shown, settings, unconfirmed, variable_of

__all__ = [
    "PEOPLE", "SETTINGS", "STATES", "Setting", "Shown", "grant_words", "grants_words", "settings", "state_of", "unconfirmed",
    "variable_of",
]  # fmt: skip
