"""What happens to accounts: signing in, passwords, people, grants, tokens. Rules: domain.md §2.5.

`rules` is the installation's Config. Lockouts run by the database's own clock, never by a pinned day.
"""

from eldercare.accounts.services.grants import DemoPerson, add_demo_users, end_grant, make_grant
from eldercare.accounts.services.passwords import change_password, hash_password, one_time_password, verify
from eldercare.accounts.services.people import (
    add_user,
    choose_language,
    disable,
    edit_user,
    enable,
    end_sessions,
    make_token,
    note_use,
    reset_password,
    revoke_token,
    unlock,
)
from eldercare.accounts.services.sign_in import Attempt, as_person, sign_in, sign_out

__all__ = [
    "Attempt", "DemoPerson", "add_demo_users", "add_user", "as_person", "change_password", "choose_language", "disable",
    "edit_user", "enable", "end_grant", "end_sessions", "hash_password", "make_grant", "make_token", "note_use",
    "one_time_password", "reset_password", "revoke_token", "sign_in", "sign_out", "unlock", "verify",
]
