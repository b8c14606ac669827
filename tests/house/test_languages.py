"""Habit 7: both languages, always."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path("eldercare/translations")
CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
HOLES = re.compile(r"%\(\w+\)[sd]|%%")


def catalogue(language: str):
    with (ROOT / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def test_extraction_leaves_no_difference(tmp_path: Path) -> None:
    made = tmp_path / "messages.pot"
    command = [sys.executable, "scripts/messages", "--extract-to", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    with made.open("rb") as new, (ROOT / "messages.pot").open("rb") as kept:
        fresh, old = ({_key(m) for m in read_po(file) if m.id} for file in (new, kept))
    assert fresh == old, f"run scripts/messages; new: {sorted(map(str, fresh - old))[:10]} gone: {sorted(map(str, old - fresh))[:10]}"


def _key(message):
    return message.id if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_nothing_is_empty_or_fuzzy_and_placeholders_match(language: str) -> None:
    trouble = []
    for message in catalogue(language):
        if not message.id:
            continue
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        source = message.id if isinstance(message.id, str) else message.id[-1]
        if not all(texts) or message.fuzzy:
            trouble.append(f"not translated: {source!r}")
        elif any(set(HOLES.findall(text)) - set(HOLES.findall(source)) for text in texts) or (
            language == "zh_Hans_CN" and set(HOLES.findall(texts[-1])) != set(HOLES.findall(source))
        ):
            trouble.append(f"placeholders differ: {source!r}")
    assert not trouble, "\n".join(trouble)


def test_chinese_is_chinese_and_english_is_english() -> None:
    zh = {m.id if isinstance(m.id, str) else m.id[-1]: m.string if isinstance(m.string, str) else m.string[-1] for m in catalogue("zh_Hans_CN") if m.id}
    same = [source for source, text in zh.items() if not CJK.search(text) and re.search(r"[a-z]{4}", HOLES.sub("", text)) and text == source]
    assert len(same) <= 12, f"left in English: {same}"
    assert not [m.id for m in catalogue("en") if m.id and CJK.search(str(m.string))]


def test_chinese_sentences_have_chinese_signs() -> None:
    text = (ROOT / "zh_Hans_CN/LC_MESSAGES/messages.po").read_text("utf-8")
    told = [line for line in re.findall(r'(?:^msgstr.*|^".*)$', text, re.MULTILINE) if re.search(r"[\u4e00-\u9fff][,;:!?][\u4e00-\u9fff]", line)]
    assert not told, "run scripts/messages, which puts them right: " + "\n".join(told)


def test_no_chinese_stands_in_code_or_templates_outside_the_catalogue() -> None:
    # data about Chinese names, headings and words is Chinese; docstrings may quote the field's terms
    data = {"headings.py", "pinyin.py", "words.py", "names.py", "imports.py", "sheetreader.py", "cells.py"}
    guilty = []
    for path in [*Path("eldercare").rglob("*.py"), *Path("templates").rglob("*.html")]:
        if path.name in data or "demo" in path.parts:
            continue
        text = path.read_text()
        if path.suffix == ".py":
            text = re.sub(r'"""(?:.|\n)*?"""', "", text)
            text = re.sub(r"#.*", "", text)
        else:
            text = re.sub(r"\{#(?:.|\n)*?#\}", "", text)
        if CJK.search(text):
            guilty.append(f"{path}: {CJK.findall(text)[:5]}")
    assert not guilty, "\n".join(guilty)


def test_no_bare_english_stands_in_templates() -> None:
    guilty = []
    for path in Path("templates").rglob("*.html"):
        text = re.sub(r"\{#(?:.|\n)*?#\}|\{%(?:.|\n)*?%\}|\{\{(?:.|\n)*?\}\}|<script(?:.|\n)*?</script>|<svg(?:.|\n)*?</svg>|<!--(?:.|\n)*?-->", " ", path.read_text())
        text = re.sub(r"<[^>]*>", "\n", text)
        for line in text.splitlines():
            if re.search(r"[A-Za-z]{3,}", re.sub(r"&\w+;", "", line)) and line.strip() not in {"English", "PDF", "Excel", "SHA-256", "GB/T", "API"}:
                guilty.append(f"{path}: {line.strip()[:60]}")
    assert not guilty, "\n".join(guilty)
