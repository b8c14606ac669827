"""Conditions of items (`applies_if`): read, judged against a place, told in words. Nothing is ever executed.

    condition := term ("or" term)*      term := factor ("and" factor)*
    factor := "not" factor | "(" condition ")" | attribute | attribute "=" value | attribute "!=" value

The spelling of an XLSForm (`${uses_gas} = 'yes' and not(${has_elevator} = 'yes')`) is read as well. What the register
does not know about a place is neither true nor false: whoever checks finds out on the spot.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.checklists.models import FACILITY_WORDS
from eldercare.core.errors import Refused
from eldercare.facilities.models import FIRE_WORDS, KITCHEN_WORDS, MEDICAL_WORDS, Facility

# attribute → (words when true, words when false): what a place has or does
ATTRIBUTES: dict[str, tuple[Any, Any]] = {
    "delivers_meals": (_l("meals are taken to people’s homes"), _l("no meals are taken to people’s homes")),
    "fire_key_unit": (_l("it is a key unit of fire protection"), _l("it is no key unit of fire protection")),
    "has_boiler": (_l("there is a boiler"), _l("there is no boiler")),
    "has_canteen": (_l("there is a canteen"), _l("there is no canteen")),
    "has_canteen_or_catering": (_l("there is a canteen or meals are bought in"), _l("no meals are made or bought in")),
    "has_clinic": (_l("there is a medical unit"), _l("there is no medical unit")),
    "has_elevator": (_l("there is a lift"), _l("there is no lift")),
    "has_fire_control_room": (_l("there is a fire control room"), _l("there is no fire control room")),
    "has_special_equipment": (_l("there is a lift or a boiler"), _l("there is neither lift nor boiler")),
    "has_water_fire_system": (_l("there are sprinklers or hydrants"), _l("there are neither sprinklers nor hydrants")),
    "has_works_today": (_l("builders or fitters are at work today"), _l("nobody builds or repairs today")),
    "serves_family_care_beds": (_l("family care beds are served"), _l("no family care beds are served")),
    "serves_meals": (_l("meals are served"), _l("no meals are served")),
    "stationed": (_l("supervision is stationed there"), _l("no supervision is stationed there")),
    "uses_bottled_gas_or_oxygen": (_l("bottled gas or oxygen is used"), _l("neither bottled gas nor oxygen is used")),
    "uses_gas": (_l("gas is used"), _l("no gas is used")),
}
# attribute → (its name in words, value → words)
CHOICES: dict[str, tuple[Any, Mapping[str, Any]]] = {
    "facility_type": (_l("kind of place"), FACILITY_WORDS),
    "fire_status": (_l("fire paper"), FIRE_WORDS),
    "kitchen_mode": (_l("kitchen"), KITCHEN_WORDS),
    "medical_type": (_l("medical service"), MEDICAL_WORDS),
}
YES, NO = "yes", "no"
LONGEST = 500
_TOKEN = re.compile(
    r"\s*(?:(?P<lead>\$\{)(?P<field>[a-z_]+)\}|(?P<quote>['\"])(?P<text>[a-z_]*)(?P=quote)|(?P<word>[a-z_]+)|(?P<sign>!=|=|\(|\)))"
)

Facts = Mapping[str, Any]  # attribute → True, False, a word, or None where nobody knows


@dataclass(frozen=True)
class Node:
    """A condition as read: kind `is` (attribute, value), `not`, `and`, `or` over parts."""

    kind: str
    attribute: str = ""
    value: str = ""
    parts: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether an item applies to a place (None: nobody knows yet), and why, in the reader's language."""

    applies: bool | None
    why: str


@lru_cache(maxsize=512)
def read(condition: str) -> Node:
    """A condition's tree; Refused checklist.condition_wrong, checklist.attribute_unknown."""
    reader = _Reader(condition)
    node = reader.either()
    if reader.token is not None:
        raise reader.wrong()
    return node


class _Reader:
    """Recursive descent over the tokens of a condition."""

    def __init__(self, condition: str) -> None:
        self.condition = condition
        self.at = 0
        self.depth = 0
        self.token: re.Match[str] | None = None
        if len(condition) > LONGEST:
            raise self.wrong()
        self.step()

    def wrong(self) -> Refused:
        here = self.token.start() if self.token else self.at
        return Refused("checklist.condition_wrong", field="applies_if", at=self.condition[here : here + 20].strip() or "…")

    def step(self) -> None:
        rest = self.condition[self.at :]
        self.token = _TOKEN.match(self.condition, self.at)
        if self.token is None and rest.strip():
            raise self.wrong()
        self.at = self.token.end() if self.token else len(self.condition)

    def says(self, *words: str) -> str | None:
        """The present token, if it is one of these words or signs."""
        if self.token is None:
            return None
        found = self.token["word"] or self.token["sign"]
        return found if found in words else None

    def either(self) -> Node:
        return self._chain("or", lambda: self._chain("and", self.factor))

    def _chain(self, word: str, part: Any) -> Node:
        parts = [part()]
        while self.says(word):
            self.step()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Node(word, parts=tuple(parts))

    def factor(self) -> Node:
        self.depth += 1
        if self.depth > 50:
            raise self.wrong()
        try:
            if self.says("not"):
                self.step()
                return Node("not", parts=(self.factor(),))
            if self.says("("):
                self.step()
                inside = self.either()
                if not self.says(")"):
                    raise self.wrong()
                self.step()
                return inside
            return self._leaf()
        finally:
            self.depth -= 1

    def _leaf(self) -> Node:
        if self.token is None or self.token["sign"] or self.token["quote"] or self.says("and", "or"):
            raise self.wrong()
        name = self.token["field"] or self.token["word"]
        if name not in ATTRIBUTES and name not in CHOICES:
            raise Refused("checklist.attribute_unknown", field="applies_if", name=name)
        self.step()
        sign = self.says("=", "!=")
        if not sign:
            if name in CHOICES:
                raise self.wrong()
            return Node("is", name, YES)
        self.step()
        value = None if self.token is None else self.token["text"] if self.token["quote"] else self.token["word"]
        allowed = CHOICES[name][1] if name in CHOICES else (YES, NO)
        if value not in allowed:
            raise self.wrong()
        self.step()
        leaf = Node("is", name, str(value))
        if leaf.value == NO:
            leaf, sign = Node("is", name, YES), "!=" if sign == "=" else "="
        return leaf if sign == "=" else Node("not", parts=(leaf,))


# ---- spelling --------------------------------------------------------------------------------------


def spelled(node: Node) -> str:
    """The one spelling we keep."""
    if node.kind == "is":
        return node.attribute if node.attribute in ATTRIBUTES else f"{node.attribute} = {node.value}"
    if node.kind == "not":
        inside = spelled(node.parts[0])
        return f"not {inside}" if node.parts[0].kind == "is" and node.parts[0].attribute in ATTRIBUTES else f"not ({inside})"
    return f" {node.kind} ".join(f"({spelled(each)})" if each.kind in ("and", "or") else spelled(each) for each in node.parts)


def normal(condition: str | None) -> str | None:
    """A condition in our spelling; None for none."""
    return spelled(read(condition.strip())) if condition and condition.strip() else None


def as_xpath(condition: str) -> str:
    """The `relevant` of an XLSForm that says the same."""
    return _xpath(read(condition))


def _xpath(node: Node) -> str:
    if node.kind == "is":
        return f"${{{node.attribute}}} = '{node.value}'"
    if node.kind == "not":
        return f"not({_xpath(node.parts[0])})"
    return f" {node.kind} ".join(f"({_xpath(each)})" if each.kind in ("and", "or") else _xpath(each) for each in node.parts)


def attributes(condition: str) -> list[str]:
    """The attributes a condition asks for, in their order."""
    return list(dict.fromkeys(leaf.attribute for leaf in _leaves(read(condition))))


def _leaves(node: Node) -> Iterator[Node]:
    if node.kind == "is":
        yield node
    for each in node.parts:
        yield from _leaves(each)


# ---- judging ---------------------------------------------------------------------------------------


def facts(facility: Facility, known: Facts | None = None) -> dict[str, Any]:
    """What the register says of a place, by attribute; `known` adds what whoever asks knows better.

    A tick that is not set in the register counts as "no". What no field of the register says is None.
    """
    is_canteen = facility.facility_type == "canteen"
    cooks = facility.has_canteen or is_canteen
    said: dict[str, Any] = {
        **{name: getattr(facility, name) for name in (
            "fire_key_unit", "has_boiler", "has_elevator", "has_fire_control_room", "stationed", "uses_gas", *CHOICES,
        )},
        "has_canteen": cooks,
        "has_canteen_or_catering": cooks or facility.kitchen_mode is not None,
        "has_clinic": facility.has_clinic or facility.medical_type in {"clinic", "hospital"},
        "has_special_equipment": facility.has_elevator or facility.has_boiler,
        "serves_meals": cooks or facility.kitchen_mode is not None or bool(facility.meals_per_day),
        **dict.fromkeys(("delivers_meals", "has_water_fire_system", "has_works_today", "serves_family_care_beds",
                         "uses_bottled_gas_or_oxygen")),
    }  # fmt: skip
    return said | dict(known or {})


def holds(node: Node, known: Facts) -> bool | None:
    """True, False, or None where what is known does not decide it."""
    if node.kind == "is":
        fact = known.get(node.attribute)
        if node.attribute in ATTRIBUTES:
            return None if fact is None else bool(fact)
        return None if fact is None else fact == node.value
    found = [holds(each, known) for each in node.parts]
    if node.kind == "not":
        return None if found[0] is None else not found[0]
    decisive = node.kind == "or"  # one True decides an "or", one False an "and"
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def judge(condition: str | None, facility_types: list[str], known: Facts) -> Verdict:
    """Whether an item of these kinds of place and this condition applies, and why."""
    kind = known.get("facility_type")
    if kind not in facility_types:
        kinds = _(", ").join(str(FACILITY_WORDS[each]) for each in facility_types)
        return Verdict(False, _("Does not apply: it is for %(kinds)s.", kinds=kinds))
    if not condition:
        return Verdict(True, _("Applies to every place of this kind."))
    node = read(condition)
    found = holds(node, known)
    if found is None:
        return Verdict(None, _("Find out on the spot; it applies if %(facts)s.", facts=told(condition)))
    said = _("; ").join(dict.fromkeys(_fact(leaf, known) for leaf in _leaves(node)))
    return Verdict(
        found, _("Applies, because %(facts)s.", facts=said) if found else _("Does not apply, because %(facts)s.", facts=said)
    )


def _fact(leaf: Node, known: Facts) -> str:
    """What is known about a leaf's attribute, in words."""
    fact = known.get(leaf.attribute)
    if leaf.attribute in ATTRIBUTES:
        true, false = ATTRIBUTES[leaf.attribute]
        return str(_("it is not known whether %(fact)s", fact=true) if fact is None else true if fact else false)
    name, values = CHOICES[leaf.attribute]
    value = _("not known") if fact is None else values.get(fact, fact)
    return str(_("%(what)s: %(values)s", what=name, values=value))


def told(condition: str) -> str:
    """A condition as a sentence's part: "there is a lift and no gas is used"."""
    return _told(read(condition))


def _told(node: Node) -> str:
    if node.kind == "is":
        return str(ATTRIBUTES[node.attribute][0]) if node.attribute in ATTRIBUTES else _fact(node, {node.attribute: node.value})
    if node.kind == "not":
        inside = node.parts[0]
        if inside.kind == "is" and inside.attribute in ATTRIBUTES:
            return str(ATTRIBUTES[inside.attribute][1])
        return str(_("not (%(facts)s)", facts=_told(inside)))
    joint: str = _(" and ") if node.kind == "and" else _(" or ")
    return joint.join(f"({_told(each)})" if each.kind in ("and", "or") else _told(each) for each in node.parts)
