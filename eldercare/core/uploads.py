# mypy: disallow-subclassing-any=False
"""Fields that take files: a workbook (`Upload`), one photo or paper (`Scan`), several (`Scans`)."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import Optional, StopValidation

LARGE: dict[str, str] = {}  # endpoint → the setting that says how many MB it takes, where that is more than elsewhere
ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf"  # a phone that keeps HEIC sends JPEG when asked so


def setup(app: Flask) -> None:
    """Large files at the doors that take them, and nowhere else; told before anything reads the request."""

    @app.before_request
    def _allow() -> None:
        if request.endpoint in LARGE:
            request.max_content_length = (app.config[LARGE[request.endpoint]] + 1) * 2**20


def _rules(*, required: bool, also: Sequence[Any]) -> list[Any]:
    return [FileRequired(_l("Fill this in.")) if required else Optional(), *also]


def _judge_size(upload: FileStorage, most_mb: int) -> None:
    size = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    if size > most_mb * 1_000_000:
        raise StopValidation(_l("The file is larger than %(most)d MB.", most=most_mb))


class Upload(FileField):
    """A file; `kinds` are the endings accepted, `most_mb` its size."""

    data: FileStorage | None

    def __init__(
        self, label: Any, *, kinds: Sequence[str] = (), most_mb: int = 20, required: bool = False, help: Any = "",
        rules: Sequence[Any] = (), **more: Any,
    ) -> None:
        super().__init__(label, _rules(required=required, also=rules), description=help, **more)
        self.kinds, self.most_mb = tuple(kinds), most_mb
        self.render_kw = {"accept": ",".join(f".{kind}" for kind in kinds)} if kinds else {}

    def pre_validate(self, form: Any) -> None:
        """Its name's ending and its size; what is in it is for the service to judge."""
        if not isinstance(self.data, FileStorage) or not self.data.filename:
            return
        ending = self.data.filename.rpartition(".")[2].lower()
        if self.kinds and ending not in self.kinds:
            raise StopValidation(_l("Choose a file that ends in %(kinds)s.", kinds=", ".join(f".{k}" for k in self.kinds)))
        _judge_size(self.data, self.most_mb)


class Scans(MultipleFileField):
    """Photos or papers to attach: `data` lists them, empty when none was chosen; at most `most_files` at once.

    What is in them is for `core/attachments.py` to judge, never their names; the size is the setting ATTACHMENT_MAX_MB.
    """

    data: list[FileStorage]

    def __init__(
        self, label: Any, *, required: bool = False, most_files: int = 9, help: Any = "", rules: Sequence[Any] = (), **more: Any,
    ) -> None:
        self.most_files, self.most_mb = most_files, current_app.config["ATTACHMENT_MAX_MB"]
        told = help or _l("JPEG, PNG, WebP or PDF, at most %(most)d MB each.", most=self.most_mb)
        super().__init__(label, _rules(required=required, also=rules), description=told, **more)
        self.render_kw = {"accept": ACCEPTED} | ({} if most_files > 1 else {"multiple": False})

    def pre_validate(self, form: Any) -> None:
        """How many, and how large: told at the field before anything is looked into."""
        self.data = [each for each in self.data or [] if isinstance(each, FileStorage) and each.filename]
        if len(self.data) > self.most_files:
            raise StopValidation(_l("Choose at most %(most)d files at once.", most=self.most_files))
        for each in self.data:
            _judge_size(each, self.most_mb)


class Scan(Scans):
    """One photo or paper; `upload` is the file, or None."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, most_files=1, **more)

    @property
    def upload(self) -> FileStorage | None:
        """The file, if one was chosen."""
        return self.data[0] if self.data else None
