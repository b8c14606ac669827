"""The JSON API's common ground: its description from the live address map, its pages, its limits.

Every `Room(…, api=True)` is described at `/api/v1/openapi.json`: summary from the docstring, path
parameters from the rule, answers from the module's `SCHEMAS`, a mapping view name → what it answers:

    SCHEMAS = {"index": RESIDENTS, "show": api.thing(RESIDENTS)}       # a Listing: pages of its `json` names
    SCHEMAS = {"show": {"type": "object", "properties": {…}}}           # or a plain JSON schema

    @room.get("/", allow=P.RESIDENT_READ)
    def index(scope): return api.listed(RESIDENTS, queries.residents(scope))

A page is asked for with `?page=&per_page=` (1 to 200) and answered as {"items", "total", "page", "pages"}.
"""

import inspect
import re
import sys
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, request
from flask_babel import lazy_gettext as _l
from flask_limiter import ApplicationLimit, Limiter
from sqlalchemy import Select
from werkzeug.routing import Rule

from eldercare.core.access import PUBLIC
from eldercare.core.db import db
from eldercare.core.errors import Refused, catalogue
from eldercare.core.filters import Choice, Filter, Pairs
from eldercare.core.listing import BoundListing, Listing
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer, is_api

room = Room("api", __name__, url_prefix="/api/v1", api=True)
PER_PAGE = 200  # the most rows a page may hold
PER_MINUTE = 600  # requests a token (or, without one, an address) may make

Schema = dict[str, Any]


def _address() -> str:
    return request.remote_addr or "nobody"


def _token() -> str:
    """A token is one asker wherever it comes from."""
    return request.headers.get("Authorization") or _address()


# Counted in each process's memory: a brake, not a lock. The lock-out of sign-in is in the database.
limiter = Limiter(
    _address,
    application_limits=[
        ApplicationLimit(lambda: f"{PER_MINUTE}/minute", _token, exempt_when=lambda: not is_api()),
        # whoever makes tokens up comes from somewhere
        ApplicationLimit(lambda: f"{5 * PER_MINUTE}/minute", _address, exempt_when=lambda: not is_api()),
    ],
)


# ---- pages --------------------------------------------------------------------------------------


def per_page(usual: int = 50) -> int:
    """How many rows a page is to hold: `?per_page=`, from 1 to 200."""
    asked = request.args.get("per_page", "")
    return min(max(int(asked), 1), PER_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 7 else usual


def listed(listing: Listing, statement: Select[Any], choices: Mapping[str, Pairs] | None = None) -> Response:
    """One page of a Listing at the wire: the names of its `json`, masked as on the page.

    A page leaves out what makes no sense and says so; a program is refused (query.wrong), or it would never know.
    """
    bound = listing.bind(request.args, path=request.path, choices=choices, page_size=per_page(listing.page_size))
    wrong = _wrong_of(bound)
    if wrong:
        raise Refused("query.wrong", wrong=", ".join(wrong))
    bound.load(db.session(), statement)
    return answer(bound.as_json_page())


def _wrong_of(bound: BoundListing) -> list[str]:
    """Each `name=value` of the address that makes no sense."""
    names = [name for asked in bound.filters if asked.note for name in asked.filter.names if name in request.args]
    asked = {name: request.args[name] for name in ("sort", "page", "per_page") if name in request.args}
    sound = {
        "sort": bound.sort is not None and asked.get("sort", "").removeprefix("-") == bound.sort,
        "page": re.fullmatch("[1-9][0-9]{0,6}", asked.get("page", "")) is not None,
        "per_page": asked.get("per_page", "") == str(per_page()),
    }
    return [f"{name}={request.args[name][:100]}" for name in [*names, *(name for name in asked if not sound[name])]]


catalogue({"query.wrong": (422, _l("This cannot be asked for: %(wrong)s"))})


# ---- the description ----------------------------------------------------------------------------


@room.get("/openapi.json", allow=PUBLIC)
def openapi(_scope: Scope) -> Response:
    """What the API offers, in OpenAPI 3.1."""
    return answer(describe(current_app))


def describe(app: Flask) -> Schema:
    """The OpenAPI document of every door whose room is an API's."""
    paths: Schema = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
        if not isinstance(blueprint, Room) or not blueprint.is_api:
            continue
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        for method in methods:
            paths.setdefault(_path(rule), {})[method.lower()] = _operation(app, rule, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jimo eldercare: operations and supervision",
            "version": "1",
            "description": "What a bearer token may read and do is what its person may. Personal numbers are masked.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Refusal": _REFUSAL},
            "responses": {name: _refused(words) for name, words in _REFUSALS.values()},
        },
    }


_REFUSAL: Schema = {
    "type": "object",
    "required": ["code", "message", "details"],
    "properties": {
        "code": {"type": "string", "description": "stable, for programs: `noun.reason`"},
        "message": {"type": "string", "description": "for people, in the language of the request"},
        "details": {"type": "object"},
    },
}
_REFUSALS = {
    400: ("Malformed", "The request could not be understood."),
    401: ("NoToken", "No valid bearer token."),
    403: ("NotAllowed", "The token's person does not hold the permission."),
    404: ("NotFound", "Nothing there, or outside the person's reach."),
    409: ("Conflict", "Not possible as things stand."),
    422: ("Refused", "What was sent cannot be used."),
    429: ("TooMany", "Too many requests."),
}
_KINDS: dict[str, Schema] = {
    "RowNumber": {"type": "integer", "minimum": 0},
    "FloatConverter": {"type": "number"},
    "UUIDConverter": {"type": "string", "format": "uuid"},
}


def _refused(words: str) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}}


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:[^:<>]*(?:\([^)]*\))?:)?([^<>]+)>", r"{\1}", rule.rule)


def _operation(app: Flask, rule: Rule, method: str) -> Schema:
    door = app.view_functions[rule.endpoint]
    view = inspect.unwrap(door)
    allow = getattr(door, "allow", "")
    schema = getattr(sys.modules[view.__module__], "SCHEMAS", {}).get(view.__name__)
    refusals = (400, 401, 403, 404, 409, 422, 429) if allow != PUBLIC else (404, 429)
    operation: Schema = {
        "operationId": f"{rule.endpoint}.{method.lower()}".replace(".", "_"),
        "summary": (inspect.getdoc(view) or rule.endpoint).splitlines()[0],
        "tags": [rule.endpoint.split(".")[0].removesuffix("_api")],
        "parameters": [*_in_path(rule), *(_in_query(schema) if isinstance(schema, Listing) else [])],
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": _answer_schema(schema)}}},
            **{str(status): {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"} for status in refusals},
        },
        "x-permission": str(allow),
    }
    if allow == PUBLIC:
        operation["security"] = []
    return operation


def _in_path(rule: Rule) -> list[Schema]:
    converters = rule._converters  # noqa: SLF001 — werkzeug has no public way to ask
    return [
        {
            "name": name, "in": "path", "required": True,
            "schema": _KINDS.get(type(converters[name]).__name__, {"type": "string", "minLength": 1}),
        }
        for name in sorted(rule.arguments)
    ]


def _in_query(listing: Listing) -> list[Schema]:
    """The filters, the order and the page of a Listing."""
    asked = [
        {"name": name, "in": "query", "schema": _filter_schema(each), "description": str(each.label)}
        for each in listing.filters
        for name in each.names
    ]
    sorts = [sign + column.key for column in listing.columns if column.sort is not None for sign in ("", "-")]
    if sorts:
        asked.append({"name": "sort", "in": "query", "schema": {"type": "string", "enum": sorts}})
    return [
        *asked,
        {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9_999_999, "default": 1}},
        {"name": "per_page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": PER_PAGE}},
    ]


def _filter_schema(asked: Filter) -> Schema:
    """What a filter takes; values that depend on the person's reach are any text here."""
    if isinstance(asked, Choice):
        values = [] if asked.choices is None or callable(asked.choices) else [str(value) for value, _words in asked.choices]
        one: Schema = {"type": "string", "enum": ["", *values]} if values else {"type": "string"}
        return {"type": "array", "items": one} if asked.many else one
    if asked.kind == "dates":
        return {"type": "string", "format": "date"}
    return {"type": "string", "enum": ["0", "1"]} if asked.kind == "flag" else {"type": "string", "maxLength": 100}


def _answer_schema(schema: "Listing | Schema | None") -> Schema:
    if isinstance(schema, Listing):
        whole = {"type": "integer", "minimum": 0}
        properties = {"items": {"type": "array", "items": thing(schema)}, "total": whole, "page": whole, "pages": whole}
        return {"type": "object", "required": list(properties), "properties": properties}
    return schema or {"type": "object"}


def thing(listing: Listing) -> Schema:
    """The schema of one row of a Listing: exactly the names of its `json`."""
    kinds = {column.key: column.kind for column in listing.columns}
    properties: Schema = {name: _WIRE.get(kinds.get(name, ""), {}) for name in listing.json}
    if "id" in properties:
        properties["id"] = {"type": "integer"}
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


# the kind of a column → what `columns.wire` makes of it
_WIRE: dict[str, Schema] = {
    "number": {"type": ["number", "null"]},
    "yuan": {"type": ["integer", "null"], "description": "in fen"},
    "ratio": {"type": ["number", "null"], "description": "a fraction of one"},
    "day": {"type": ["string", "null"], "format": "date"},
    "moment": {"type": ["string", "null"], "format": "date-time"},
    "flag": {"type": ["boolean", "null"]},
}


@limiter.request_filter
def _is_off() -> bool:
    """Whether this installation (a test) counts nothing."""
    return not current_app.config.get("RATELIMIT_ENABLED", True)


def init_app(app: Flask) -> None:
    """Switch the limits on. Nothing limits the reading of pages behind the sign-in, so there nothing is looked up either."""
    limiter.request_filter(lambda: request.method == "GET" and not is_api() and not request.path.startswith("/public/"))
    limiter.init_app(app)
