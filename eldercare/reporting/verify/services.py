"""Judging a file: whose seal it bears, whether a byte of it was changed, which edition it is, whether its figures agree.

Nothing is written, nothing is kept. The one verdict is read by the public page and by `flask reports verify`.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eldercare.core import files
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.reporting import seal
from eldercare.reporting.verify import queries
from eldercare.reporting.verify.queries import Edition


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a file.

    `said`: true, earlier (a drawing before the present one), unlisted (our seal, no row), unsealed_true (made before
    seals); and where it is not valid: changed, unsealed, foreign, not_pdf, empty, locked, broken.
    `faults`: what exactly is wrong: pages, figures, attached, printed, seal, cut, appended, seals.
    """

    valid: bool
    said: str
    sha256: str
    size: int
    figures_match: bool | None = None  # None: there are no figures in it
    faults: tuple[str, ...] = ()
    signed_by: str | None = None
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    stamped_by: str | None = None
    level: str | None = None
    issuer: str | None = None  # who vouches for the certificate; None: a platform for itself
    certificate: str | None = None  # its SHA-256
    edition: Edition | None = field(default=None)

    @property
    def is_whole(self) -> bool:
        """The seal is unbroken, whosever it is."""
        return self.valid or self.said == "foreign"

    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""
        known = self.edition
        return {
            "valid": self.valid, "signed_by": self.signed_by, "edition": known.edition if known else None,
            "figures_match": bool(self.figures_match), "run_id": known.run_id if known else None, "said": self.said,
            "faults": list(self.faults), "state": known.state if known else None, "code": known.code if known else None,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None, "level": self.level, "sha256": self.sha256,
        }  # fmt: skip


def verdict(scope: Scope, data: bytes) -> Verdict:
    """Judge a file."""
    found = seal.inspect(data)
    mark = found["seal"]
    edition = queries.by_file(scope, found["sha256"]) or queries.by_code(scope, *found["codes"])
    said, faults = _judged(data, found, edition, is_ours=mark is not None and seal.is_ours(mark["chain"]))
    return Verdict(
        valid=said in GOOD, said=said, sha256=found["sha256"], size=found["size"], faults=faults, edition=edition,
        figures_match=_figures_match(found, edition, said, faults),
        **({
            "signed_by": mark["signer"], "level": mark["level"], "stamped_by": mark["stamped_by"],
            "issuer": None if mark["is_own"] else mark["issuer"], "certificate": mark["chain"][0],
            "signed_at": _moment(mark["at"]), "stamped_at": _moment(mark["stamped_at"]),
        } if mark else {}),
    )  # fmt: skip


GOOD = ("true", "earlier", "unlisted", "unsealed_true")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _judged(data: bytes, found: dict[str, Any], edition: Edition | None, *, is_ours: bool) -> tuple[str, tuple[str, ...]]:
    mark = found["seal"]
    if edition is not None and edition.sha256 == found["sha256"]:
        return ("true" if mark else "unsealed_true"), ()
    if found["fault"]:
        return ("changed", _where(data, found, edition)) if edition else (found["fault"], ())
    if mark is None:
        was_sealed = edition is not None and (found["remains"] or _is_drawn(data, edition))
        return ("changed", _where(data, found, edition)) if was_sealed else ("unsealed", ())
    whole = mark["intact"] and mark["whole"] and mark["tidy"] and found["seals"] == 1
    if whole and not is_ours:
        return "foreign", ()
    if whole and edition is None:
        return "unlisted", ()
    if whole and edition is not None and not _is_drawn(data, edition):
        return "earlier", ()
    return "changed", _where(data, found, edition)


def _is_drawn(data: bytes, edition: Edition) -> bool:
    """Whether it begins with the pages of the edition as they are now."""
    return hashlib.sha256(data[: edition.drawn_bytes]).hexdigest() == edition.drawn_sha256


def _where(data: bytes, found: dict[str, Any], edition: Edition | None) -> tuple[str, ...]:
    """What was changed, as exactly as can be told: more where the file that was handed out is still here."""
    mark = found["seal"]
    if edition is None:
        if mark and mark["intact"] and not mark["whole"]:
            return ("appended",)
        return ("seals",) if found["seals"] > 1 else ("seal",) if mark and mark["intact"] else ("pages",)
    if hashlib.sha256(data[: edition.bytes]).hexdigest() == edition.sha256:
        return ("appended",)
    if _is_drawn(data, edition):
        return ("cut",) if len(data) < edition.bytes else ("seal",)
    if len(data) < edition.drawn_bytes:
        return ("cut",)
    faults = ["pages"]
    try:
        ours = seal.inspect(files.get(edition.sha256, secret=edition.is_secret))
    except Refused:  # retention may have taken it
        ours = found
    if found["attached"] and found["figures"] != edition.dataset_sha256:
        faults.append("figures")
    if any(found["attached"].get(name) != digest for name, digest in ours["attached"].items() if name != "figures.json"):
        faults.append("attached")
    if found["printed"] and found["printed"] != ours["printed"]:
        faults.append("printed")
    return tuple(faults)


def _figures_match(found: dict[str, Any], edition: Edition | None, said: str, faults: tuple[str, ...]) -> bool | None:
    """Whether attached figures and sheets are the sealed ones, and the pages print their fingerprint; None: there are none."""
    figures = found["figures"]
    if figures is None and edition is None:
        return None
    sealed = edition is None or said == "earlier" or figures == edition.dataset_sha256
    return bool(figures) and sealed and "attached" not in faults and found["printed"] == [figures[:12]]
