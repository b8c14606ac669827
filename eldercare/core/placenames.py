"""Townships and villages by every name in use: full, short, former, English, or by code.

domain.md §1.5: join on names, since lists of other vendors carry other codes; older data call some
subdistricts towns; a name that merely begins alike (a subdistrict of another district) is another place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eldercare.core.cells import squeeze


@dataclass(frozen=True)
class TownshipNames:
    """A township as lists may write it; `others` are short, former and English names."""

    id: int
    code: str
    name: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tails:
    """What names carry around their core: outer districts before, kinds of office and of village after."""

    district: Sequence[str] = ()
    offices: Sequence[str] = ()
    villages: Sequence[str] = ()


class PlaceNames:
    """Finds places by name; `reach` = the townships a person may name (None = all)."""

    def __init__(
        self, townships: Iterable[TownshipNames], villages: Iterable[tuple[int, int, str]], tails: Tails,
        reach: Iterable[int] | None = None,
    ) -> None:
        """`villages`: (id, township id, name)."""
        self.tails = tails
        self.reach = None if reach is None else frozenset(reach)
        self._by_name: dict[str, int] = {}
        self._full: list[tuple[str, int]] = []
        short: dict[str, set[int]] = {}
        for town in townships:
            names = [squeeze(name).lower() for name in (town.name, *town.others) if name]
            self._by_name |= dict.fromkeys((town.code, *names), town.id)
            self._full += [(name, town.id) for name in names if len(name) > 2 and not name.isascii()]
            for name in names:
                short.setdefault(_without(name, tails.offices), set()).add(town.id)
        for name, ids in short.items():
            if len(ids) == 1 and len(name) >= 2:
                self._by_name.setdefault(name, next(iter(ids)))
        self._full.sort(key=lambda pair: -len(pair[0]))
        self._villages: dict[tuple[int, str], int] = {}
        for village_id, township_id, name in villages:
            self._villages[township_id, name] = village_id
            self._villages.setdefault((township_id, _without(name, tails.villages)), village_id)

    @property
    def only(self) -> int | None:
        """The township, where a person may name one alone."""
        return next(iter(self.reach)) if self.reach is not None and len(self.reach) == 1 else None

    def township(self, text: str) -> tuple[int | None, str]:
        """(township, what follows its name) for a name or a code of 9 or 12 digits."""
        name = squeeze(text).lower()
        for outer in self.tails.district:
            if name.startswith(outer) and len(name) > len(outer) and name not in self._by_name:
                name = name[len(outer) :]
        if name.isdigit():
            return self._by_name.get(name[:9]), ""
        found = self._by_name.get(name) or self._by_name.get(_without(name, self.tails.offices))
        if found:
            return found, ""
        for full, township_id in self._full:
            if name.startswith(full):
                return township_id, name[len(full) :]
        return None, ""

    def village(self, township_id: int, text: str) -> tuple[int | None, str]:
        """(village, its name without the township before it); None where the register knows none."""
        name = squeeze(text)
        for full, owner in self._full:
            if owner == township_id and name.startswith(full) and len(name) > len(full) + 1:
                name = name[len(full) :]
                break
        found = self._villages.get((township_id, name))
        return found or self._villages.get((township_id, _without(name, self.tails.villages))), name


def _without(name: str, tails: Sequence[str]) -> str:
    """A name without the first of the tails it ends in, if two characters are left."""
    for tail in tails:
        if name.endswith(tail) and len(name) >= len(tail) + 2:
            return name[: -len(tail)]
    return name
