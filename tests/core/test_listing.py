"""A Listing reads any address without a fault, and pages rows in an order that never wavers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship
from werkzeug.datastructures import MultiDict

from eldercare.core.columns import plain, wire
from eldercare.core.listing import Badge, Choice, Column, DateRange, Flag, Listing, Search


class Scratch(DeclarativeBase):
    """A metadata of its own, so that the product's schema is not touched."""


class Town(Scratch):
    __tablename__ = "towns"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Thing(Scratch):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    born_on: Mapped[date | None]
    is_big: Mapped[bool]
    town_id: Mapped[int | None] = mapped_column(ForeignKey("towns.id"))
    town: Mapped[Town | None] = relationship()


THINGS = Listing(
    name="things",
    title="Things",
    ident=Thing.id,
    columns=(
        Column("name", "Name", sort=Thing.name),
        Column("born_on", "Born on", kind="day", sort=Thing.born_on),
        Column("town", "Town", value="town.name"),
        Column("number", "Number", value=lambda row: f"3702**{row.id}", masked=True),
        Column("state", "State", value=lambda row: Badge("Big", "good") if row.is_big else None, kind="badge"),
    ),
    filters=(
        Search("q", "Name", where=lambda text: Thing.name.contains(text, autoescape=True)),
        Choice("town", "Town", where=lambda code: Thing.town_id == int(code)),
        Choice("size", "Size", choices=(("big", "Big"), ("small", "Small")), default="big",
               where=lambda size: Thing.is_big == (size == "big")),
        DateRange("born", "Born", where=lambda ends: Thing.born_on >= ends[0] if ends[0] else Thing.born_on <= ends[1]),
        Flag("odd", "Odd ones", where=lambda _: Thing.id % 2 == 1),
    ),
    order=(Thing.name,),
    json=("id", "name", "born_on", "number"),
    page_size=10,
)
TOWNS = {"town": ((1, "East"), (2, "West"))}


@pytest.fixture
def words():
    app = Flask(__name__)
    Babel(app, default_locale="en")
    with app.test_request_context():
        yield


@pytest.fixture
def session(words):
    engine = create_engine("sqlite://")
    Scratch.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Town(id=1, name="East"), Town(id=2, name="West")])
        session.add_all(
            Thing(id=n, name=f"same {n % 3}", born_on=date(1940, 1, 1 + n % 28) if n % 5 else None,
                  is_big=n <= 95, town_id=(1, 2, None)[n % 3])
            for n in range(1, 101)
        )
        session.commit()
        yield session


def bind(query="", **more):
    pairs = [part.split("=", 1) for part in query.split("&") if part]
    return THINGS.bind(MultiDict(pairs), path="/things/", choices=TOWNS, **more)


def test_every_page_together_holds_every_row_once(session):
    seen = []
    for page in range(1, 11):
        seen += [row.id for row in bind(f"page={page}").load(session, select(Thing)).rows]
    assert len(seen) == len(set(seen)) == 95


def test_a_list_takes_two_statements_however_many_rows(session):
    statements = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    bound = bind("page=2").load(session, select(Thing).options(joinedload(Thing.town)))
    [bound.cells(row) for row in bound.rows]
    assert len(statements) == 2
    assert "name" not in statements[0].split("FROM")[0]


def test_the_total_is_exact_below_the_cap_and_says_so_above_it(session):
    assert (bound := bind().load(session, select(Thing))).total == 95
    assert not bound.capped
    short = Listing(name="t", title="T", columns=THINGS.columns, ident=Thing.id, count_cap=20).bind({})
    short.load(session, select(Thing))
    assert (short.total, short.capped) == (20, True)


@pytest.mark.parametrize(
    "query",
    [
        "town=99", "size=huge", "born_from=yesterday", "born_from=2020-01-02&born_to=2020-01-01", "odd=perhaps",
        "q=" + "x" * 500, "town=1' OR 1=1", "born_from=0001-01-01", "born_to=99999-01-01", "odd=２",
    ],
)
def test_a_filter_that_makes_no_sense_is_left_out_and_said(session, query):
    bound = bind(query).load(session, select(Thing))
    assert len(bound.notes) == 1
    assert str(bound.notes[0])


@pytest.mark.parametrize("query", ["page=0", "page=-3", "page=x", "page=99999999999999", "page=٣", "sort=nothing", "sort=-", "q=\x00"])
def test_odd_pages_and_orders_fall_back_in_silence(session, query):
    bound = bind(query).load(session, select(Thing))
    assert bound.page == 1
    assert len(bound.rows) == 10
    assert not bound.notes


def test_a_page_past_the_end_is_the_last_one(session):
    bound = bind("page=5000").load(session, select(Thing))
    assert (bound.page, bound.first, bound.last) == (10, 91, 95)


def test_filters_narrow_the_rows_and_the_total(session):
    bound = bind("town=1&odd=1&q=same").load(session, select(Thing))
    assert bound.rows
    assert all(row.town_id == 1 and row.id % 2 for row in bound.rows)
    assert bound.total == sum(1 for n in range(1, 96) if n % 3 == 0 and n % 2)


def test_a_default_holds_until_lifted_by_name(session):
    assert bind().load(session, select(Thing)).total == 95
    assert bind("size=").load(session, select(Thing)).total == 100
    assert bind().clear_url == "/things/?size="
    assert "size=" in bind("size=").url(page=2)


def test_addresses_keep_what_is_asked(words):
    bound = bind("q=ab%c&town=2&sort=-born_on&page=3")
    assert bound.url() == "/things/?q=ab%25c&town=2&sort=-born_on&page=3"
    assert bound.url(page=4).endswith("page=4")
    assert "page" not in bound.url(town=1)
    assert "town" not in next(c for c in bound.chips if c.label == "Town").url
    assert bound.clear_url == "/things/?sort=-born_on"
    assert THINGS.bind(bound.query, choices=TOWNS).query == bound.query


def test_the_order_ends_in_the_ident_and_turns_round(session):
    for query in ("", "sort=born_on", "sort=-born_on"):
        assert str(bind(query).narrowed(select(Thing))).endswith("things.id")
    up, down = (bind(q).load(session, select(Thing)).rows[0].born_on for q in ("sort=born_on", "sort=-born_on"))
    assert up < down
    bound, column = bind("sort=born_on"), THINGS.column("born_on")
    assert (bound.sorted_by(column), bound.sort_url(column)) == ("ascending", "/things/?sort=-born_on")


def test_a_missing_step_on_the_way_to_a_value_gives_none(session):
    bound = bind("size=").load(session, select(Thing).where(Thing.town_id.is_(None)))
    assert bound.cells(bound.rows[0])[2] is None


def test_the_wire_carries_the_allowed_names_and_masked_values(session):
    row = bind().load(session, select(Thing)).rows[0]
    answer = bind().as_json(row)
    assert list(answer) == ["id", "name", "born_on", "number"]
    assert answer["number"].startswith("3702**")
    assert answer["born_on"] is None or answer["born_on"].startswith("1940-")


def test_a_workbook_gets_every_row_the_filters_leave_under_the_headings(session):
    rows = list(bind("town=1").xlsx_rows(session, select(Thing)))
    assert rows[0] == ["Name", "Born on", "Town", "Number", "State"]
    assert len(rows) == 1 + sum(1 for n in range(1, 96) if n % 3 == 0)
    assert {row[2] for row in rows[1:]} == {"West"} or {row[2] for row in rows[1:]} == {"East"}


def test_links_are_the_address_and_the_id(session):
    row = bind().load(session, select(Thing)).rows[0]
    assert bind().href(row) == f"/things/{row.id}"
    other = Listing(name="o", title="O", columns=(), ident=Thing.id, link="{id}/beds").bind({}, path="/things/")
    assert other.href(row) == f"/things/{row.id}/beds"


@pytest.mark.parametrize(
    ("page", "numbers"),
    [(1, [1, 2, 3, None, 10]), (5, [1, 2, 3, 4, 5, 6, 7, None, 10]), (10, [1, None, 8, 9, 10])],
)
def test_page_numbers_show_ends_and_neighbours(session, page, numbers):
    assert bind(f"page={page}").load(session, select(Thing)).page_numbers == numbers


def test_rows_that_are_here_already_are_paged(words):
    bound = bind("page=3").hold(list(range(25)))
    assert (bound.rows, bound.total, bound.first, bound.last) == (list(range(20, 25)), 25, 21, 25)


def test_values_on_the_wire_and_in_cells():
    moment = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert wire(moment) == "2026-11-23T16:30:00+00:00"
    assert wire(Decimal("0.5")) == 0.5
    assert plain(moment) == datetime(2026, 11, 24, 0, 30)  # noqa: DTZ001 — a workbook knows no zones
    assert plain(Badge("Open", "watch")) == "Open"


def test_a_key_twice_is_refused_at_import():
    with pytest.raises(ValueError, match="twice"):
        Listing(name="x", title="X", columns=(Column("a", "A"), Column("a", "A")), ident=Thing.id)
