"""The list of people put into words."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.accounts import queries
from eldercare.accounts.models import ROLE_WORDS, Grant, User
from eldercare.core.access import Role
from eldercare.core.listing import Badge, Choice, Column, Listing, Search

STATES = (
    ("enabled", _l("can sign in")),
    ("locked", _l("locked")),
    ("disabled", _l("disabled")),
    ("new", _l("never signed in")),
    ("idle", _l("without a grant today")),
)


def grant_words(grant: Grant, places: dict[tuple[str, int], str]) -> str:
    """A grant as people say it: the role, and where."""
    place = queries.place_of(grant)
    words = str(ROLE_WORDS[Role(grant.role)])
    return f"{words} · {places.get(place, '—')}" if place else words


def grants_words(user: User) -> str:
    """What somebody holds today; `queries.dressed` filled in the places."""
    return _(", ").join(grant_words(grant, user.places) for grant in user.held())


def state_of(user: User) -> Badge:
    """Whether somebody may sign in, as a word with its tone; `queries.dressed` filled in the lock."""
    if not user.is_enabled:
        return Badge(_l("disabled"), "quiet")
    if user.is_locked:
        return Badge(_l("locked"), "bad")
    if not user.held():
        return Badge(_l("without a grant today"), "watch")
    if user.last_sign_in_at is None:
        return Badge(_l("never signed in"), "active")
    return Badge(_l("can sign in"), "good")


PEOPLE = Listing(
    name="people",
    title=_l("People and grants"),
    ident=User.id,
    columns=(
        Column("name", _l("Name"), sort=User.name),
        Column("username", _l("User name"), sort=User.username),
        Column("grants", _l("Grants today"), value=grants_words, width="wide"),
        Column("last_sign_in_at", _l("Last sign-in"), kind="moment", sort=User.last_sign_in_at),
        Column("state", _l("State"), value=state_of, kind="badge"),
    ),
    filters=(
        Search("q", _l("Name or user name"), where=queries.matching),
        Choice("role", _l("Role"), choices=[(str(role), words) for role, words in ROLE_WORDS.items()], where=queries.with_role),
        Choice("township", _l("Township"), where=queries.at_township),
        Choice("state", _l("State"), choices=STATES, where=queries.in_state),
    ),
    order=(User.username,),
    empty_title=_l("Nobody has an account yet"),
    empty_why=_l("Make an account, then grant it a role."),
)
