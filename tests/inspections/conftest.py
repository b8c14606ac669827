"""The application on a port: what tablets of all kinds talk to."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server


@pytest.fixture
def server(fresh_app: Flask) -> Iterator[Any]:
    """The application on a port, in threads of this process."""
    fresh_app.config.update(SERVER_NAME=None, RATELIMIT_ENABLED=False)
    made = make_server("127.0.0.1", 0, fresh_app, threaded=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
