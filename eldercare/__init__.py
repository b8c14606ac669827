"""create_app(): the one page where things meet: extensions, rooms, errors, commands."""

import os
from importlib import import_module
from pathlib import Path

from flask import Flask, request, session
from flask_babel import Babel
from flask_login import LoginManager, current_user
from flask_migrate import Migrate
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config
from config import cli as config_commands
from eldercare.core import catalogue, jinja, log, refusals, secrets, uploads
from eldercare.core import db as database
from eldercare.core.db import db
from eldercare.core.embedded import database_urls
from eldercare.core.web import csrf
from eldercare.navigation import nav

# Every package, lowest floor first. What it brings is found by the names of its files.
PACKAGES = (
    "core", "facilities", "facilities.villages", "facilities.staff", "facilities.staff.roster", "accounts", "accounts.officers",
    "residents", "residents.assessments", "residents.dossier", "residents.health", "residents.intake",
    "beds", "beds.places", "beds.stays", "beds.ratios", "homecare", "checklists", "checklists.checks",
    "hazards", "hazards.orders", "hazards.boards", "hazards.credit", "hazards.ladder", "hazards.major",
    "incidents.grading", "incidents", "incidents.clocks", "incidents.handling",
    "selfchecks", "selfchecks.flags", "selfchecks.filling", "inspections",
    "inspections.field", "inspections.postings", "inspections.plans", "inspections.plans.rules", "inspections.plans.holidays",
    "inspections.draws",
    "inspections.risks", "inspections.routes",
    "overview", "overview.cockpit", "overview.screens", "reporting", "reporting.papers", "reporting.approval",
    "reporting.schedules", "reporting.differences", "reporting.verify", "reporting.archive", "reporting.comparisons",
    "reporting.documents", "reporting.adhoc", "reporting.retention", "audit", "inbox", "public", "demo",
)

HERE = Path(__file__).parent
babel, login, migrate = Babel(), LoginManager(), Migrate()


def create_app(config: Config | None = None) -> Flask:
    """The application; starts the embedded PostgreSQL when no other is named."""
    config = config or Config.for_start()
    if config.today:
        os.environ["ELDERCARE_TODAY"] = config.today.isoformat()
    log.setup(config.log_level)
    secrets.setup(config.pii_key)
    app = Flask(__name__, template_folder="../templates", instance_path=str(config.instance))
    urls = database_urls(config)
    app.config.update(
        config.as_flask(),
        SQLALCHEMY_DATABASE_URI=urls.app,
        OWNER_URL=urls.owner,
        BACKUP_URL=urls.backup,
        BLOBS=config.instance / "blobs",
    )
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    _extensions(app)
    jinja.setup(app)
    app.jinja_env.globals["nav"] = nav
    refusals.setup(app)
    app.cli.add_command(config_commands)
    _packages(app)
    return app


def _extensions(app: Flask) -> None:
    db.init_app(app)
    database.guard(db.session)
    uploads.setup(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=_locale)
    catalogue.setup(app)
    login.init_app(app)
    migrate.init_app(app, db, directory=str(HERE.parent / "migrations"))


def _locale() -> str:
    """The person's choice, then this browser's, then the bureau's."""
    if not request:
        return "zh_Hans_CN"
    chosen = session.get("language")
    if chosen is None and current_user and current_user.is_authenticated:
        chosen = current_user.language
    return "en" if chosen == "en" else "zh_Hans_CN"


def _packages(app: Flask) -> None:
    """Take from each package what it brings: models, views and api (`room`), jobs, commands (`cli`)."""
    tables = ("audit", "runs", "alerts", "attachments", "workdays")  # core's own
    for package in PACKAGES:
        root = HERE.joinpath(*package.split("."))
        for part in ("models", *tables, "views", "api", "jobs", "commands"):
            if (part in tables and package != "core") or not (root / f"{part}.py").exists():
                continue
            module = import_module(f"eldercare.{package}.{part}")
            if part in ("views", "api"):
                app.register_blueprint(module.room)
            if part == "commands" and hasattr(module, "cli"):
                app.cli.add_command(module.cli)
            if hasattr(module, "init_app"):
                module.init_app(app)
    configure_mappers()  # else the first request or list would: 0.1 s, and a relation that leads nowhere would start
