"""The doors that machines knock on: is the process alive, is the platform ready, its figures."""

from typing import Any

from flask import current_app
from werkzeug.exceptions import Forbidden

from eldercare.core import health
from eldercare.core.access import PUBLIC
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer

room = Room("core", __name__, url_prefix="/")


@room.get("/healthz", allow=PUBLIC)
def healthz(_scope: Scope) -> Any:
    """The process answers."""
    return answer({"status": "ok"})


@room.get("/readyz", allow=PUBLIC)
def readyz(_scope: Scope) -> Any:
    """Database, queue and clock are alive; 503 with the reasons otherwise."""
    parts = health.parts()
    ready = not any(part.wrong for part in parts)
    found = {part.name: part.wrong or "ok" for part in parts}
    return answer({"status": "ready" if ready else "not ready", **found}, 200 if ready else 503)


@room.get("/metrics", allow=PUBLIC)
def metrics(_scope: Scope) -> Any:
    """Figures for Prometheus: to this machine, or to whoever holds METRICS_TOKEN."""
    config = current_app.config
    if not health.may_scrape(config["METRICS_TOKEN"], behind_proxy=bool(config["TRUSTED_PROXIES"])):
        raise Forbidden
    return health.exposition()


def init_app(app: Any) -> None:
    """Count requests from the first one on."""
    health.setup(app)
