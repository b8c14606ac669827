"""The doors of attachments: a feature hangs them on its room with one call, and draws the list with one macro.

    doors(room, "/<int:facility_id>/photos", find=queries.facility, kinds=PHOTO_WORDS, read=P.FACILITY_READ,
          edit=P.LICENCE_EDIT, back="show", label=lambda facility: facility.name)

gives the endpoints `attach`, `attachment`, `attachment_small` and `remove_attachment` (with `prefix`, where a room
has two kinds of rows with attachments). `find(scope, **ids)` answers the row within reach or 404.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, current_app, request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import escape
from werkzeug.exceptions import NotFound

from eldercare.core import attachments
from eldercare.core.access import P
from eldercare.core.errors import Refused
from eldercare.core.forms import Form, LongText, PickOne, Scans, Text
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying


class AttachForm(Form):
    """Photos or papers for a row."""

    kind = PickOne(_l("What is it?"), required=True)
    files = Scans(_l("Photos or PDF"), required=True)
    title = Text(_l("Title"), longest=100, help=_l("What is to be seen, where the kind does not say it. No names of people."))


class DetachForm(Form):
    """An attachment taken off its row."""

    reason = LongText(_l("Reason"), required=True, longest=300, rows=2, help=_l("It stays in the log, with your name."))


def served(found: tuple[bytes, str, str]) -> Response:
    """(bytes, media type, name) as an answer that can do nothing but be looked at: pictures shown, papers saved."""
    data, media_type, name = found
    answer = Response(data, mimetype=media_type)
    answer.headers.set("Content-Disposition", "inline" if media_type == attachments.JPEG else "attachment", filename=name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def doors(  # noqa: C901 — four doors that share what they are told
    room: Room, rule: str, *, find: Callable[..., Any], kinds: Mapping[str, Any], read: P, edit: P, back: str,
    label: Callable[[Any], Any], prefix: str = "", anchor: str = "attachments",
    is_over: Callable[[Any], bool] = lambda _row: False, page_ids: tuple[str, ...] = (),
    is_kept: Callable[[Any], bool] = lambda _row: False, find_own: Callable[..., Any] | None = None,
) -> None:
    """Hang the four doors under `rule` (it holds the row's ids); `back`: the endpoint of the row's own page.

    Only what is of one of the `kinds` is taken away here: what others hung on the row stays theirs. `page_ids`: which of
    the ids the page takes, where the row has more. `is_over`: of which rows nothing is added or taken away any more.
    `is_kept`: of which rows things are added and nothing is taken away (the database refuses it too: `attachment_is_kept`).
    `find_own`: like `find`, for whoever adds or takes away, where not everybody with `edit` may do so on every row (Refused).
    """
    attachments.KIND_WORDS.update(kinds)

    def home_of(ids: dict[str, Any]) -> dict[str, Any]:
        return {name: each for name, each in ids.items() if not page_ids or name in page_ids} | {"_anchor": anchor}

    def context(row: Any, ids: dict[str, Any]) -> dict[str, Any]:
        home = url_for(f".{back}", **home_of(ids))
        crumbs = [(escape(label(row)), home)]
        return {"crumbs": crumbs, "cancel": home, "most_mb": current_app.config["ATTACHMENT_MAX_MB"]}

    def standing(scope: Scope, **ids: int) -> Any:
        row = (find_own or find)(scope, **ids)
        if is_over(row):
            raise Refused("attachment.row_over")
        return row

    def attach(scope: Scope, **ids: int) -> Any:
        """Add photos or papers to a row."""
        row, form = standing(scope, **ids), AttachForm(kind=request.args.get("kind") or next(iter(kinds)))
        form.kind.offer(list(kinds.items()))
        if form.validate_on_submit():
            with trying(form) as attempt:
                fits = attachments.judged(form.files.data)
                attachments.attach_all(scope, row, fits, kind=form.kind.data, title=form.title.data or "")
            if attempt.ok:
                return done(f".{back}", **home_of(ids))
        return page("_parts/attach.html", form=form, **context(find(scope, **ids), ids))

    def attachment(scope: Scope, attachment_id: int, **ids: int) -> Any:
        """One photo or paper, as large as it is kept."""
        return served(attachments.content(scope, attachment_id, of=find(scope, **ids)))

    def attachment_small(scope: Scope, attachment_id: int, **ids: int) -> Any:
        """A photo's thumbnail."""
        return served(attachments.thumbnail(scope, attachment_id, of=find(scope, **ids)))

    def remove_attachment(scope: Scope, attachment_id: int, **ids: int) -> Any:
        """Take a photo or paper away."""
        row, form = standing(scope, **ids), DetachForm()
        each = attachments.its(scope, attachment_id, of=row)
        if each.kind not in kinds:
            raise NotFound
        if is_kept(row):
            raise Refused("attachment.kept")
        if form.validate_on_submit():
            with trying(form) as attempt:
                attachments.remove(scope, attachment_id, of=row, reason=form.reason.data or "")
            if attempt.ok:
                return done(f".{back}", **home_of(ids))
        return page("_parts/detach.html", form=form, each=each, words=kinds, **context(find(scope, **ids), ids))

    for view, path, allow, methods in (
        (attach, "new", edit, ["GET", "POST"]), (attachment, "<int:attachment_id>", read, ["GET"]),
        (attachment_small, "<int:attachment_id>/small", read, ["GET"]),
        (remove_attachment, "<int:attachment_id>/remove", edit, ["GET", "POST"]),
    ):  # fmt: skip
        room.route(f"{rule}/{path}", allow=allow, methods=methods, endpoint=prefix + view.__name__)(view)
