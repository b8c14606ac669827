#!/usr/bin/env python3
"""Recompute a double-random draw from its published file: python3 verify_draw.py FILE.json [SHA256]

Needs Python 3.8 or later and nothing else. Prints "valid" and what was drawn, or "NOT VALID" and the first reason.
SHA256: the file's hash as the public page shows it; compare it, for whoever changes a file can change the hash in it too.
Keys are compared in whole numbers, exact on every machine: u^(1/w) > v^(1/x) says the same as u^x > v^w.
"""
import hashlib
import hmac
import json
import math
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cmp_to_key, reduce

OUT = ("suspended", "closed", "deregistered")
SHAPELESS = (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError, RecursionError)


class Wrong(Exception):
    """What does not hold."""


def must(holds, otherwise):
    if not holds:
        raise Wrong(otherwise)


def canonical(value):
    """The one text of a value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def day_of(moment):
    """The day of a moment where the draw was made: moments are in UTC, days in Beijing time."""
    return (datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ") + timedelta(hours=8)).date().isoformat()


def chance(seed, kind, number):
    """The number u in 1 … 2^256."""
    return int.from_bytes(hmac.new(bytes.fromhex(seed), (kind + str(number)).encode(), "sha256").digest(), "big") + 1


def order_of(seed, objects):
    """All places, the greatest key first; equal keys: the smaller id."""
    tenths = [int(Decimal(each["weight"]) * 10) for each in objects]
    common = reduce(math.gcd, tenths)
    weight = {each["id"]: tenth // common for each, tenth in zip(objects, tenths)}
    u = {number: chance(seed, "obj", number) for number in weight}

    def compare(a, b):
        left, right = u[a] ** weight[b] << 256 * weight[a], u[b] ** weight[a] << 256 * weight[b]
        return a - b if left == right else (-1 if left > right else 1)

    return sorted(weight, key=cmp_to_key(compare))


def team_of(body, row, place, day, log):
    """Who goes to a place on a day: the first in the row who may; every one passed over is logged with the reason."""
    plan, library = body["plan"], body["officers"]
    people = {each["id"]: each for each in library["people"]}
    last = {each["object"]: each["officers"] for each in library["last"]}.get(place, [])
    for rotates in (True, False):
        team = []
        for officer in row:
            if len(team) == plan["team"]:
                break
            able = [each for each in team + [officer] if plan["speciality"] in people[each]["specialities"]]
            reason = None
            if not people[officer]["valid_from"] <= day <= people[officer]["valid_to"]:
                reason = "certificate"
            elif any(each["officer"] == officer and each["object"] == place and each["from"] <= day <= (each["to"] or "9999")
                     for each in library["avoid"]):
                reason = "avoidance"
            elif rotates and officer in last:
                reason = "rotation"
            elif plan["speciality"] and len(team) == plan["team"] - 1 and not able:
                reason = "speciality"
            if reason:
                log.append({"object": place, "officer": officer, "reason": reason})
            else:
                team.append(officer)
        if len(team) == plan["team"]:
            row[:] = [each for each in row if each not in team] + team
            return team
        log.append({"object": place, "officer": None, "reason": "rotation waived" if rotates else "nobody"})
    return []


def check(raw, published=None):
    """Everything, in order; the body of the file when it holds."""
    body = json.loads(raw.decode("utf-8"))
    must(raw == (canonical(body) + "\n").encode("utf-8"), "the file is not in its canonical form")
    must(isinstance(body, dict) and body.get("format") == "eldercare-draw/1", "the file is no draw")
    must(sha(canonical({key: body[key] for key in body if key != "sha256"})) == body["sha256"], "the hash of the file differs")
    must(published is None or published.lower() == body["sha256"], "the file is not the one whose hash was published")
    for part in ("plan", "objects", "officers", "result"):
        must(sha(canonical(body[part])) == body["hashes"][part], "the hash of %s differs" % part)
    plan, witness, result, people = body["plan"], body["witness"], body["result"], body["officers"]["people"]
    must(plan["team"] >= 2, "a team is smaller than two")
    must(sha(body["secret"]) == body["commitment"]["sha256"], "the secret is not the one committed to")
    must(body["commitment"]["at"] < witness["at"] <= body["drawn_at"], "the commitment does not come before the witness")
    drawn_on, value_of = day_of(body["drawn_at"]), plan["witness"]["on"]
    must(value_of is None or day_of(body["commitment"]["at"]) < value_of <= drawn_on, "the public value is not of a day between")
    must(sha(body["secret"] + witness["value"] + plan["batch"]) == body["seed"], "the seed does not follow")
    for part, name in ((body["objects"], "id"), (body["objects"], "code"), (people, "id"), (people, "certificate_no")):
        must(len({each[name] for each in part}) == len(part), "the same %s stands twice" % name)
    for each in body["objects"]:
        said = zip((plan["types"], plan["townships"], plan["classes"]), (each["type"], each["township"], each["class"] or "none"))
        must(all(not wanted or value in wanted for wanted, value in said), "a place lies outside the plan: %s" % each["code"])
        must(each["weight"] == plan["weights"][each["class"] or "none"], "a weight is not that of the plan: %s" % each["code"])
    n, order = len(body["objects"]), order_of(body["seed"], body["objects"])
    k = -(-int(Decimal(plan["percent"] or 0) * 100) * n // 10000) if plan["count"] is None else min(plan["count"], n)
    must((result["n"], result["k"], result["order"]) == (n, k, order), "the places do not follow from the seed")
    days = [day for day in [day for day in plan["days"] if day > drawn_on][plan["notice_days"]:] if day >= plan["from"]]
    row, log = sorted((each["id"] for each in people), key=lambda i: (-chance(body["seed"], "off", i), i)), []
    must(len(result["teams"]) == k, "the number of teams differs")
    for at, (place, team) in enumerate(zip(order, result["teams"])):
        day = days[(2 * at + 1) * len(days) // (2 * k)]
        due = {"rank": at + 1, "object": place, "on": day, "officers": team_of(body, row, place, day, log)}
        must(team == due, "team %d does not follow from the seed and the rules" % (at + 1))
    must(log == result["log"], "the log does not tell what happened")
    rest, standing = order[k:], set(order[:k])
    for each in body["replacements"]:
        must(each["out"] in standing and each["state"] in OUT, "a place was replaced that was neither drawn nor closed")
        tried = [place["object"] for place in each["skipped"]] + [each["in"]]
        must(rest[:len(tried)] == tried and all(place["state"] in OUT for place in each["skipped"]), "not the next key in order")
        rest, log = rest[len(tried):], []
        must(each["at"] > body["drawn_at"] and each["on"] > day_of(each["at"]), "a replacement does not come after the draw")
        due = team_of(body, row, each["in"], each["on"], log)
        must((each["officers"], each["log"]) == (due, log), "a replacement's team and log do not follow")
        standing = standing - {each["out"]} | {each["in"]}
    return body


if __name__ == "__main__":
    try:
        found = check(open(sys.argv[1], "rb").read(), *sys.argv[2:3])
    except (Wrong, *SHAPELESS) as wrong:
        print("NOT VALID: %s" % (wrong if isinstance(wrong, Wrong) else "the file has not the shape of a draw"))
        sys.exit(2)
    counts = (found["plan"]["batch"], found["result"]["k"], found["result"]["n"], ", later void" if found["void"] else "")
    print("valid: batch %s, %d of %d drawn%s" % counts)
    print("sha256 %s" % found["sha256"])
