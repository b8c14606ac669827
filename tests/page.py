"""A page is checked by being fetched: whatever page any test opens, these things must be true of it."""

import re
from collections import Counter
from typing import Any

import tinyhtml5
from flask.testing import FlaskClient

NAMESPACE = "{http://www.w3.org/1999/xhtml}"
NO_LABEL = {"hidden", "submit", "button", "image", "reset"}
MOST_QUERIES = 12
BESIDES = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL", "RESET", "BEGIN", "COMMIT")


class Page:
    """A fetched page; `text`, `tree`, `find()`."""

    def __init__(self, response: Any, path: str) -> None:
        self.response, self.path = response, path
        self.text: str = response.get_data(as_text=True)
        self.tree = tinyhtml5.parse(self.text, namespace_html_elements=False)

    def all(self, tag: str) -> list[Any]:
        """Every element of a tag."""
        return list(self.tree.iter(tag))

    def words(self, element: Any) -> str:
        """What a person reads in an element."""
        return " ".join("".join(element.itertext()).split())

    @property
    def is_fragment(self) -> bool:
        """A part swapped into a page by htmx, not a page."""
        return "<!doctype" not in self.text[:200].lower()


def fetch(client: FlaskClient, path: str, *, status: int = 200, queries: list[str] | None = None, follow: bool = False) -> Page:
    """GET a page and check it; `queries` (the fixture) limits what it may ask of the database."""
    if queries is not None:
        queries.clear()
    response = client.get(path, follow_redirects=follow)
    assert response.status_code == status, f"{path}: {response.status_code} instead of {status}"
    if queries is not None:
        asked = [q for q in queries if not q.lstrip().upper().startswith(BESIDES)]
        assert len(asked) <= MOST_QUERIES, f"{path}: {len(asked)} queries\n" + "\n".join(q[:150] for q in asked)
    page = Page(response, path)
    if "text/html" in response.content_type:
        check(page)
    return page


def check(page: Page) -> None:
    """One h1 that opens the title, a language, labelled fields, unique ids, CSRF in POST forms, no inline code."""
    where = page.path
    ids = Counter(e.get("id") for e in page.tree.iter() if isinstance(e.tag, str) and e.get("id"))
    assert not [i for i, n in ids.items() if n > 1], f"{where}: ids twice: {[i for i, n in ids.items() if n > 1]}"
    _forms(page, where)
    for element in page.tree.iter():
        if not isinstance(element.tag, str):
            continue
        inline = [name for name in element.attrib if name.startswith("on") or name == "style"]
        assert not inline, f"{where}: <{element.tag} {inline[0]}> is refused by the content security policy"
        if element.tag == "script" and not element.get("src"):
            assert element.get("type") == "application/json" or element.get("nonce"), f"{where}: inline script"
        if element.tag == "img":
            assert element.get("alt") is not None, f"{where}: img without alt"
        if element.tag in ("a", "button"):
            named = page.words(element) or element.get("aria-label") or element.get("title")
            assert named, f"{where}: <{element.tag}> without words"
    for cell in page.all("th"):
        assert cell.get("scope"), f"{where}: <th> without scope"
    if page.is_fragment:
        return
    html = page.all("html")[0]
    assert html.get("lang") in ("zh-Hans-CN", "en"), f"{where}: lang is {html.get('lang')}"
    headings = page.all("h1")
    assert len(headings) == 1, f"{where}: {len(headings)} h1"
    title = page.words(page.all("title")[0])
    assert title.startswith(page.words(headings[0])), f"{where}: title {title!r} does not open with the h1"
    assert not re.search(r"\b(None|Undefined|nan)\b", page.words(page.all("main")[0])), f"{where}: a value that is not there"


def _forms(page: Page, where: str) -> None:
    labels = {label.get("for") for label in page.all("label")}
    wrapped = {id(inner) for label in page.all("label") for inner in label.iter()}
    for tag in ("input", "select", "textarea"):
        for field in page.all(tag):
            if field.get("type") in NO_LABEL:
                continue
            named = field.get("id") in labels or id(field) in wrapped or field.get("aria-label") or field.get("aria-labelledby")
            assert named, f"{where}: field {field.get('name')} without a label"
    for form in page.all("form"):
        if (form.get("method") or "get").lower() == "post":
            names = {field.get("name") for field in form.iter("input")}
            assert "csrf_token" in names, f"{where}: a POST form without a CSRF token"
