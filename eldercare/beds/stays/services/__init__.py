"""What happens to a stay (domain.md §3.2). Each act: lock → judge → change → record.

`version`: the one the person at the screen had open; `stay.changed_meanwhile` when the stay moved on since.
Locks are taken before the first line goes to the log, in one order: stay, beds, person, home. Files: `bedding` holds what
admission and life in the home share.
"""

from eldercare.beds.stays.services.admissions import (
    Applicant,
    apply,
    assess,
    home_asked,
    known,
    refuse,
    sign_contract,
    start_trial,
    withdraw,
)
from eldercare.beds.stays.services.due import remind
from eldercare.beds.stays.services.endings import UNMASKABLE, add_death_papers, discharge, record_death, unmask
from eldercare.beds.stays.services.living import come_back, hospital, leave, move_in, reassess, renew, reserve, transfer

__all__ = [
    "UNMASKABLE", "Applicant", "add_death_papers", "apply", "assess", "come_back", "discharge", "home_asked", "hospital", "known",
    "leave",
    "move_in", "reassess", "record_death", "refuse", "remind", "renew", "reserve", "sign_contract", "start_trial", "transfer",
    "unmask", "withdraw",
]
