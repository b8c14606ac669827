"""One JSON line per event (structlog); ids, never a name or a number of a person."""

import logging
import re
import sys
from typing import Any

import structlog

_LONG_DIGITS = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)1\d{10}(?!\d)")


def _redact(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Blank anything shaped like an ID or phone number, whatever let it in."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _LONG_DIGITS.sub("[number]", value)
    return event


def setup(level: str = "INFO") -> None:
    """Send our own events and the libraries' records to stderr as JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("werkzeug", "apscheduler", "procrastinate", "fontTools", "weasyprint", "alembic"):
        logging.getLogger(noisy).setLevel("WARNING")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; call `.info("event.name", some_id=…)`."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound
