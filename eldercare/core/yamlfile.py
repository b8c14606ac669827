"""The files of data that come with the code, read by the parser in C: the catalogue of checklists takes a seventh of the time."""

from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Any:
    """What a YAML file says."""
    return yaml.load(path.read_text("utf-8"), _LOADER)  # noqa: S506 — both are safe loaders
