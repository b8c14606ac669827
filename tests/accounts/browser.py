"""A browser for tests: it sends the CSRF token of the page it is on."""

import re
from typing import Any

from flask.testing import FlaskClient


def token_of(text: str) -> str:
    """The CSRF token a page carries."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', text)
    assert found, "the page carries no CSRF token"
    return found[1]


def send(client: FlaskClient, path: str, *, page: str | None = None, **data: Any) -> Any:
    """POST a form as its page would send it; `page`: where the form stands, the path itself by default."""
    text = client.get(page or path, follow_redirects=True).get_data(as_text=True)
    return client.post(path, data={"csrf_token": token_of(text), **data})


def enter(client: FlaskClient, username: str, password: str, path: str = "/sign-in") -> Any:
    """Sign in through the page."""
    return send(client, path, username=username, password=password)


def flashed(client: FlaskClient, response: Any) -> str:
    """Where a redirect leads, as text."""
    return client.get(response.location, follow_redirects=True).get_data(as_text=True)
