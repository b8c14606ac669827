"""A report is drawn again by the templates and the code of its own day."""

import io
import re
import zipfile
from datetime import date
from pathlib import Path

from eldercare.core import calendar, files, runs
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.reporting import render, seal, services
from eldercare.reporting.models import Report, Tools

KIND = "facility-monthly"


def job() -> dict[str, object]:
    return {"kind": KIND, "data": render.sample(KIND), "lang": "zh", "edition": 1, "imprint": dict(render.BLANK)}


def of_another_day(kept: bytes, **changed: bytes) -> bytes:
    """A bundle whose shared sheet is another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(kept)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data + b"\nh2 { color: #123456 }" if entry.filename == "reports/_paper/base.css" else data)
    return out.getvalue()


def test_a_bundle_is_the_same_bytes_each_time_and_holds_no_secret() -> None:
    kept = render.tools.bundle()
    assert kept == render.tools.bundle()
    names = zipfile.ZipFile(io.BytesIO(kept)).namelist()
    assert "reports/_paper/base.css" in names
    assert not [name for name in names if "instance" in name or name.endswith((".key", ".p12"))]


def test_whatever_of_ours_draws_belongs_to_the_key() -> None:
    judging = {"access", "calendar", "db", "errors", "papers", "scope"}  # they decide what is drawn, and it is sealed as data
    seen = set()
    for path in [*render.REPORTS.glob("_p*/*.py"), *render.REPORTS.glob("*/report.py"), *Path(render.__file__).parent.glob("*.py")]:
        if path.name == "figures.py":  # collects, in the caller's process
            continue
        for line in path.read_text("utf-8").splitlines():
            if found := re.match(r"from eldercare\.core import (.+)|from eldercare\.core\.(\w+) import", line):
                seen |= {name.strip() for name in (found[1] or found[2]).split(",")}
    assert {f"eldercare/core/{name}.py" for name in seen - judging} <= set(render.tools.DRAWING)


def test_the_key_names_engine_and_system_libraries() -> None:
    assert all(render.tools.engine(render.DEFAULTS).values())


def test_a_bundle_draws_what_is_drawn_now() -> None:
    now = render.render(KIND, render.sample(KIND), "zh")
    again = render.tools.draw_with(render.tools.bundle(), render.DEFAULTS, job(), {})
    assert again.sha256 == now.sha256


def test_what_was_drawn_by_other_templates_comes_out_as_it_was(district: Scope) -> None:
    old = of_another_day(render.tools.bundle())
    then = render.tools.draw_with(old, render.DEFAULTS, job(), {})
    assert then.sha256 != render.render(KIND, render.sample(KIND), "zh").sha256
    file = seal.sign(then.pdf, reason="test", at=calendar.now())
    db.session.add(Tools(key="of another day", bundle_sha256=files.put(old), engine={"weasyprint": "1"}))
    row = a_report(then, file, tools_key="of another day")
    assert services.rebuild(district, row.run_id) == {"sha256": row.pdf_sha256, "identical": True}
    # by the templates of today it would be another file: that is told, with what else has moved
    told = services.rebuild(district, a_report(then, file, tools_key=services.keep_tools()).run_id)
    assert told["identical"] is False
    assert told["engine"] == {}


def a_report(then: render.Rendered, file: bytes, tools_key: str) -> Report:
    """A report drawn as `then`, by the tools of a key."""
    db.session.add(run := runs.Run(kind=KIND, period="2026-10", place=tools_key[:6]))
    db.session.flush()
    row = Report(
        run_id=run.id, kind=KIND, period="2026-10", place=run.place, template_version="1", tools_key=tools_key, cutoff_at=calendar.now(),
        dataset=render.sample(KIND), dataset_sha256="0" * 64, imprint=dict(render.BLANK), drawn_sha256=then.sha256,
        drawn_bytes=len(then.pdf), pdf_sha256=files.put(file), pages=1, bytes=len(file), keep_until=date(2056, 10, 31),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row
