"""Checklists: what is in force, every version, the editor of drafts."""

from io import BytesIO
from typing import Any

from flask import request, send_file
from flask_babel import gettext as _

from eldercare.checklists import forms, imports, jobs, listing, queries, services
from eldercare.core import runs, sheets
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import Room, can, done, page, trying

room = Room("checklists", __name__, url_prefix="/checklists")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KIND = "<any(areas, hazards, items):kind>"
VERSION = "/versions/<int:version_id>"


@room.get("/", allow=P.CHECKLIST_READ)
def index(scope: Scope) -> Any:
    """Every list with the version in force."""
    rows = queries.standings(scope, drafts=can(P.CHECKLIST_EDIT))
    bound = listing.LISTS.bind(request.args, path=request.path).hold(rows)
    return page("checklists/index.html", lists=bound)


@room.route("/new", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """A list that did not exist."""
    form = forms.NewForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            version = services.new_checklist(scope, form.code.data, form.content())
        if attempt.ok:
            return done(".version", version_id=version.id)
    return page("checklists/new.html", form=form)


@room.get("/<int:checklist_id>", allow=P.CHECKLIST_READ)
def show(scope: Scope, checklist_id: int) -> Any:
    """A list with all its versions."""
    own, versions = queries.checklist(scope, checklist_id), queries.versions(scope, checklist_id, drafts=can(P.CHECKLIST_EDIT))
    told = listing.history(queries.history(scope, [each.id for each in versions])) if scope.everywhere else None
    return page("checklists/show.html", checklist=own, versions=versions, words=listing, history=told)


@room.post("/<int:checklist_id>/draft", allow=P.CHECKLIST_EDIT)
def draft(scope: Scope, checklist_id: int) -> Any:
    """Begin a draft from the newest version."""
    return done(".version", version_id=services.start_draft(scope, queries.checklist(scope, checklist_id).id).id)


@room.route("/<int:checklist_id>/import", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def import_form(scope: Scope, checklist_id: int) -> Any:
    """An XLSForm becomes a draft, or the faults are named by cell."""
    own, form, read = queries.checklist(scope, checklist_id), forms.ImportForm(), imports.Read()
    newest = _with_items(queries.version(scope, queries.versions(scope, own.id)[0].id))
    if form.validate_on_submit():
        with trying(form) as attempt:
            read, made = imports.take_in(scope, newest, form.content())
        if attempt.ok and made:
            return done(".version", version_id=made.id)
    return page(
        "checklists/import.html", form=form, checklist=own, newest=newest, read=read, fault_words=imports.words_of, words=listing
    )


def _read(scope: Scope, version_id: int) -> Any:
    """A version to be looked at; a draft is there for who may work on it."""
    return queries.version(scope, version_id, drafts=can(P.CHECKLIST_EDIT))


def _with_items(version: Any) -> Any:
    """A version of a list of items; the table of hazards is none."""
    if listing.is_hazards(version):
        raise Refused("checklist.no_items")
    return version


def _changes(scope: Scope, own: Any, before: Any) -> list[dict[str, Any]] | None:
    """What a version changed against the one published before it, in words; None for a first one."""
    if before is None:
        return None
    after = queries.content(scope, own)
    return listing.change_rows(queries.changes(queries.content(scope, queries.version(scope, before.id)), after), after)


def _shown(scope: Scope, own: Any, *, whole: bool = False) -> dict[str, Any]:
    """What a version's page shows: rows under their areas, filtered as asked, each marked as it was changed."""
    rows = _changes(scope, own, None if whole else queries.published_before(scope, own))
    marks = {each["code"]: each["badge"] for each in rows or ()}
    may = own.state == "draft" and can(P.CHECKLIST_EDIT) and not whole
    same = {"rows": rows, "marks": marks, "may": may}
    if listing.is_hazards(own):
        return same | {"hazards": queries.hazards(scope, own.id), "areas": [], "bound": None, "count": 0, "area_count": 0}
    every = queries.areas(scope, own.id)
    asked = {} if whole else request.args
    bound = listing.ITEMS.bind(asked, path=request.path, choices=listing.area_choices(every), page_size=1000)
    bound.load(db.session, queries.items_statement(scope, own.id))
    areas = listing.by_area(bound.rows)
    if may and not bound.is_narrowed:
        areas = listing.with_empty(areas, every)
    count = queries.count_items(scope, own.id) if bound.is_narrowed else bound.total
    return same | {"hazards": [], "areas": areas, "bound": bound, "count": count, "area_count": len(every)}


# ---- a version -------------------------------------------------------------------------------------


@room.get(VERSION, allow=P.CHECKLIST_READ)
def version(scope: Scope, version_id: int) -> Any:
    """A version: its items by area, or the rows of the hazard table."""
    own = _read(scope, version_id)
    return page("checklists/version.html", version=own, words=listing, **_shown(scope, own))


@room.get(f"{VERSION}/changes", allow=P.CHECKLIST_READ)
def changes(scope: Scope, version_id: int) -> Any:
    """A version beside the one published before it."""
    own = _read(scope, version_id)
    before = queries.published_before(scope, own)
    return page("checklists/changes.html", version=own, before=before, words=listing, rows=_changes(scope, own, before))


@room.get(f"{VERSION}/paper", allow=P.CHECKLIST_READ)
def paper(scope: Scope, version_id: int) -> Any:
    """The version as a form to print and fill in by hand."""
    own = _read(scope, version_id)
    return page("checklists/paper.html", version=own, words=listing, **_shown(scope, own, whole=True))


@room.get(f"{VERSION}/xlsform", allow=P.CHECKLIST_READ)
def xlsform(scope: Scope, version_id: int) -> Any:
    """The version as an XLSForm."""
    own, out = _read(scope, version_id), BytesIO()
    sheets.write_plain(out, imports.as_sheets(own.checklist.code, own.number, queries.content(scope, _with_items(own))))
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=f"{own.checklist.code}-v{own.number}.xlsx")


@room.post(f"{VERSION}/export", allow=P.CHECKLIST_READ)
def export(scope: Scope, version_id: int) -> Any:
    """The rows as a workbook, made by a Run."""
    own = _read(scope, version_id)
    bound = listing.ITEMS.bind(request.form, choices=listing.area_choices(queries.areas(scope, version_id)))
    return done("reporting.show_run", run_id=runs.enqueue(scope, jobs.EXPORT, version=own.id, query=bound.query).id)


def _act(
    scope: Scope, version_id: int, form: Any, title: str, verb: str, service: Any, template: str = "act", **more: Any
) -> Any:
    """An act on a version or what is in it: form, service, and back to the version."""
    own = queries.version(scope, version_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            service()
        if attempt.ok:
            row = more.get("row")
            return done(".version", version_id=version_id, _anchor=f"row-{row.code}" if row else None)
    return page(f"checklists/{template}.html", form=form, version=own, title=title, verb=verb, words=listing, **more)


@room.route(f"{VERSION}/edit", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, version_id: int) -> Any:
    """Names, notes, kinds of place."""
    form = forms.VersionForm.of(queries.version(scope, version_id))
    return _act(scope, version_id, form, _("Names and notes"), _("Save"),
                lambda: services.change_version(scope, version_id, form.values()))


@room.route(f"{VERSION}/rule", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def rule(scope: Scope, version_id: int) -> Any:
    """The rule of scoring."""
    form = forms.RuleForm.of(_with_items(queries.version(scope, version_id)).rule)
    return _act(scope, version_id, form, _("Rule of scoring"), _("Save the rule"),
                lambda: services.change_rule(scope, version_id, form.rule()), "rule")


@room.route(f"{VERSION}/publish", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def publish(scope: Scope, version_id: int) -> Any:
    """Bring a draft into force."""
    form, own = forms.PublishForm.usual(), queries.version(scope, version_id)
    rows = _changes(scope, own, queries.published_before(scope, own))
    return _act(scope, version_id, form, _("Publish version %(number)s", number=own.number), _("Publish"),
                lambda: services.publish(scope, version_id, form.reason.data, form.day.data), "publish", rows=rows)


@room.route(f"{VERSION}/end", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def end(scope: Scope, version_id: int) -> Any:
    """Take a list out of use."""
    form, own = forms.EndForm.usual(), queries.version(scope, version_id)
    return _act(scope, version_id, form, _("End version %(number)s", number=own.number), _("End it"),
                lambda: services.end(scope, version_id, form.reason.data, form.day.data))


@room.route(f"{VERSION}/discard", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def discard(scope: Scope, version_id: int) -> Any:
    """Throw a draft away."""
    form, own = forms.ReasonForm(), queries.version(scope, version_id)
    if form.validate_on_submit():
        with trying(form) as attempt:
            left = services.discard(scope, version_id, form.reason.data)
        if attempt.ok:
            return done(".show", checklist_id=left) if left else done(".index")
    return page("checklists/act.html", form=form, version=own, title=_("Discard the draft"), verb=_("Discard it"), words=listing)


# ---- what is in a draft ----------------------------------------------------------------------------


@room.route(f"{VERSION}/areas/new", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def new_area(scope: Scope, version_id: int) -> Any:
    """An area at the end."""
    form = forms.AreaForm()
    return _act(scope, version_id, form, _("Add an area"), _("Add the area"),
                lambda: services.add_area(scope, version_id, form.values()))


@room.route(f"{VERSION}/hazards/new", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def new_hazard(scope: Scope, version_id: int) -> Any:
    """A row at the end of the hazard table."""
    form = forms.HazardForm()
    return _act(scope, version_id, form, _("Add a row"), _("Add the row"),
                lambda: services.add_hazard(scope, version_id, form.values()))


@room.route("/areas/<int:area_id>/items/new", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def new_item(scope: Scope, area_id: int) -> Any:
    """An item at the end of an area."""
    area, known = queries.area(scope, area_id), forms.known_bases(scope)
    own = queries.version(scope, area.version_id)
    form = forms.item_form(scope, own.id, known, area_id=area.id, facility_types=own.facility_types)
    return _act(scope, own.id, form, _("Add an item"), _("Add the item"),
                lambda: services.add_item(scope, form.area_id.data, form.values(known)), "item")


@room.route(f"/{KIND}/<int:row_id>/edit", allow=P.CHECKLIST_EDIT, methods=["GET", "POST"])
def edit_row(scope: Scope, kind: str, row_id: int) -> Any:
    """Correct an area, an item or a row of the hazard table."""
    row, known = queries.row(scope, kind, row_id), forms.known_bases(scope)
    form = forms.row_form(scope, row, known)
    return _act(scope, row.version_id, form, _("Correct %(code)s", code=row.code), _("Save"),
                lambda: services.change_row(scope, row, forms.row_values(form, known)), forms.template_of(row), row=row)


@room.post(f"/{KIND}/<int:row_id>/remove", allow=P.CHECKLIST_EDIT)
def remove_row(scope: Scope, kind: str, row_id: int) -> Any:
    """Take an area (with its items), an item or a row out of a draft."""
    return done(".version", version_id=services.remove(scope, queries.row(scope, kind, row_id)))


@room.post(f"/{KIND}/<int:row_id>/move/<any(up, down):to>", allow=P.CHECKLIST_EDIT)
def move_row(scope: Scope, kind: str, row_id: int, to: str) -> Any:
    """One place up or down."""
    row = queries.row(scope, kind, row_id)
    return done(".version", version_id=services.move(scope, row, to), _anchor=f"row-{row.code}")
