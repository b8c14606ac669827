"""Habit 10: the map is true."""

import re
from pathlib import Path

from flask import Flask

from eldercare import PACKAGES

README = Path("README.md")


def tree() -> list[str]:
    """The paths the README's map names: the first word of each line of its tree."""
    block = README.read_text().split("## The map", 1)[1].split("```", 2)[1]
    paths, parents = [], []
    for line in block.splitlines():
        match = re.match(r"^( *)([\w./-]+)(?: |$)", line)
        if not match:
            continue
        depth = len(match[1]) // 2
        parents = [*parents[:depth], match[2]]
        paths.append("".join(part if part.endswith("/") or i == len(parents) - 1 else f"{part}/" for i, part in enumerate(parents)))
    return paths


def test_every_path_on_the_map_is_on_the_disk() -> None:
    paths = tree()
    assert len(paths) > 15
    missing = [path for path in paths if not Path(path).exists()]
    assert not missing, f"the README's map names what is not there: {missing}"


def test_every_package_is_on_the_map() -> None:
    named = README.read_text()
    assert not [package for package in PACKAGES if f"{package.split('.')[-1]}/" not in named]


def test_the_readme_shows_pictures_that_exist() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README.read_text())
    assert len(pictures) >= 4
    assert all(Path(picture).stat().st_size > 10_000 for picture in pictures)


def test_no_id_or_phone_number_reaches_a_log(app: Flask, capfd) -> None:
    from eldercare.core import log

    log.setup("INFO")
    log.logger("test").info("something.happened", note="370299194605200024 and 13800001234", other="10000001234")
    written = capfd.readouterr().err
    log.setup("WARNING")
    assert "something.happened" in written
    assert "370299194605200024" not in written
    assert "1234" not in written


def test_no_file_names_a_registry_or_this_machine() -> None:
    import subprocess

    found = subprocess.run(
        ["git", "grep", "-nE", r"https?://[^ ]*(pypi|npmjs|debian\.org|jsdelivr|unpkg|cdn)|/root/|/work/", "--", ".", ":!tests/house/test_map.py"],
        capture_output=True, text=True, check=False,
    ).stdout
    assert not found, found
