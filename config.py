"""Every setting of the platform: one typed, frozen class over environment variables.

`Config.from_environ()` reads them; `as_flask()` gives Flask its upper-case mapping. A secret that
is not given is made once and kept in the instance folder (mode 600); in production nothing is made
up: `unsafe_for_production()` names what is missing or weak and `Config.for_start()` refuses to go on.
Numbers that rest on local rules or on memory rather than on a law that was read (marked [K] or [P]
in the domain notes) are settings here, never constants elsewhere.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

import click
from flask.cli import AppGroup

from environ import ConfigError, Keeper, Reader, Retention, is_weak, judge_seal, key_of, new_key, new_password, years_of

ROOT = Path(__file__).resolve().parent
LANGUAGES = ("zh_Hans_CN", "en")
TILE_SYSTEMS = ("wgs84", "gcj02", "bd09")
SMTP_SECURITY = ("starttls", "tls", "none")
NUMBERING, PUBLICATION = ("counter", "typed"), ("apart", "at_approval")
DEMO_MARK = "demo-loaded"

cli = AppGroup("config", help="What this installation is set to.")


@dataclass(frozen=True, kw_only=True)
class Config(Retention):
    """All settings; how long things are kept: `environ.Retention`. Durations say their unit in the name; paths are absolute."""

    # where things are
    instance: Path
    production: bool = False
    database_url: str | None = field(default=None, repr=False)  # set-up rights; None: embedded
    database_app_url: str | None = field(default=None, repr=False)  # run-time login alone
    db_pool_size: int = 5
    public_url: str | None = None  # as people type it; printed on reports (QR)
    trusted_proxies: int = 0  # how many reverse proxies set X-Forwarded-*
    # secrets
    secret_key: str = field(default="", repr=False)
    pii_key: bytes = field(default=b"", repr=False)  # 32 bytes: AES-256-GCM and the blind index
    metrics_token: str | None = field(default=None, repr=False)  # None: /metrics on loopback only
    # demo and tests
    demo_password: str = field(default="", repr=False)
    demo_residents: int = 42500
    today: date | None = None  # the day the system believes it is
    # sign-in (domain notes 2.5)
    idle_minutes: int = 30
    admin_idle_minutes: int = 15
    session_hours: int = 12
    lockout_failures: int = 5
    lockout_minutes: int = 15
    password_min: int = 8
    password_admin_min: int = 12
    password_classes: int = 3  # of lower, upper, digit, other
    password_max_days: int = 90
    password_history: int = 5
    cookie_secure: bool = False
    # pages, sheets
    page_size: int = 50
    import_max_rows: int = 200_000
    import_max_mb: int = 50  # the file as uploaded
    import_max_unpacked_mb: int = 400  # what it may unpack to
    export_approval_rows: int = 5000
    attachment_max_mb: int = 15  # a photo or paper as sent
    attachment_max_megapixels: int = 64  # what a photo may hold: phones reach 50
    attachment_longest_px: int = 2000  # the longer side as it is kept
    attachment_check_seconds: int = 20  # what looking into one file may take
    attachment_check_memory_mb: int = 1024
    # rules of the field that a district may set otherwise
    licence_reminder_days: tuple[int, ...] = (90, 30, 7)
    assessment_months: int = 12
    risk_months: int = 12  # a risk assessment holds so long (GB 38600-2019: at least once a year)
    risk_months_high: int = 3  # where one of the nine risks is high
    risk_climb_days: int = 30  # overdue so long, the district is told
    risk_watch_level: str = "some"  # from this level (some, high) a risk puts somebody on a watch-list
    care_levels: str = "self_reliant,helped,nursed,special"  # a home's own tiers, lightest first
    resident_papers: str = "contract,consent,id_copy,health_check"  # what the file of a resident must hold
    assessment_adjustments_add: bool = True  # dementia and risk events each worsen one level
    trial_days: tuple[int, ...] = (7, 30)  # a trial stay lasts so long at least, at most
    trial_reminder_days: int = 3
    contract_reminder_days: tuple[int, ...] = (30, 7)
    assessment_reminder_days: tuple[int, ...] = (30, 7)
    after_hospital_days: int = 3  # within which a resident is assessed again
    stay_climb_hours: tuple[int, ...] = (24, 72)  # past due: the township is told, the district is told
    advanced_age: int = 80
    disabled_level: int = 2  # from this ability level a resident counts as disabled
    nursing_bed_target_percent: int = 55
    # staff: which post needs which certificate, reminders, training, shifts, caregivers to residents (all [K])
    post_certificates: tuple[str, ...] = (
        "caregiver:caregiver", "nurse:nurse", "doctor:doctor", "cook:food_handler_health", "fire_control:fire_control_room",
        "equipment:special_equipment", "safety_officer:safety_officer",
    )
    certificate_reminder_days: tuple[int, ...] = (90, 30, 7)
    training_hours_target: int = 20  # a year and person
    shift_starts: tuple[int, ...] = (7, 15, 22)  # hours at which day, evening and night begin
    night_staff_least: int = 1
    fire_control_least: int = 2  # a shift, where there is a fire control room
    roster_edit_days: int = 7  # how far back a roster may be changed
    roster_told_hours: int = 24  # how long before a shift a gap is told
    # residents for each caregiver, the fewest and the most: MZ/T 187-2021 by memory
    ratio_self_care: tuple[int, ...] = (15, 20)
    ratio_partly: tuple[int, ...] = (8, 12)
    ratio_fully: tuple[int, ...] = (3, 5)
    ratio_groups: tuple[int, ...] = (0, 1, 1, 2, 2)  # for ability levels 0 to 4: 0 self-care, 1 partly, 2 fully disabled
    ratio_unassessed: int = 1  # the group of residents nobody has assessed
    ratio_roster_days: int = 7  # on the roster counts who had a shift in so many days up to the day
    holidays: str = ""  # days off beside weekends, 2026-10-01,2026-10-02,…: loaded yearly
    makeup_days: str = ""  # weekend days that are worked
    # incidents (domain notes 4.2, 4.3): what no law fixes in figures
    incident_e1_injured: int = 3
    incident_e1_ill: int = 3
    incident_at_once_minutes: int = 15  # how soon "at once" must have happened
    incident_without_delay_minutes: int = 60
    incident_e3_hour: int = 24  # E3 is received by this hour of the day it became known
    incident_follow_up_hours: int = 24
    incident_final_working_days: int = 5
    incident_warn_minutes: int = 20  # before a deadline
    incident_trend_count: int = 3  # of one type in one home …
    incident_trend_days: int = 30  # … within so many days: a special inspection is proposed
    incident_death_causes: str = "accident,unknown"  # a death in a stay that opens an incident
    incident_death_days: int = 7  # how far back deaths are looked at
    # hazards (domain notes 5.4)
    hazard_days_general: int = 7
    hazard_days_serious: int = 15
    hazard_days_serious_most: int = 30
    hazard_days_major: int = 3
    hazard_extend_factor: int = 2  # the farthest deadline, in usual ones; serious hazards have their own above
    hazard_climb_days: int = 1  # past due so long, the next level is told
    hazard_recheck_working_days: int = 10
    hazard_escalate_days: int = 3
    hazard_repeat_months: int = 12  # the same item at the same place within so many months is a repeat
    hazard_board_days: int = 7  # what falls due within so many days stands apart on the boards
    hazard_statement_working_days: int = 5  # for the place's own word before anything is published
    # rectification orders: what the bureau's own papers say (domain notes 5.4)
    order_number: str = "即民养整改〔{year}〕{serial}号"
    order_organ: str = "青岛市即墨区民政局"
    order_basis: str = "《中华人民共和国老年人权益保障法》第四十五条"  # where a hazard comes from no item of a checklist
    order_consequence: str = (
        "逾期不整改或者整改不到位的,将依据《山东省养老服务条例》《养老机构管理办法》等规定依法处理;存在重大安全隐患的,依法责令停业整顿。"
    )
    order_remedies: str = (
        "如不服本通知,可以自收到本通知之日起六十日内依法申请行政复议,或者自收到本通知之日起六个月内依法提起行政诉讼。"
        "复议、诉讼期间不停止本通知的执行,法律另有规定的除外。"
    )
    # stationed supervision (domain notes 5.2)
    station_days_back: int = 3  # a day on post is written down at most so many days later
    # visits (domain notes 5.3, 5.4)
    visit_number: str = "JC"  # letters before the number of a record: JC2026-00012
    visit_sample: int = 5  # residents drawn by lot for a visit
    visit_photo_px: int = 2000  # the longer side, as the tablet scales it
    visit_photo_bytes: int = 500_000
    rescue_max_mb: int = 300  # a tablet's sealed file: 1.8 times its photos
    rescue_kept_days: int = 7  # one that was looked into and not taken in
    visit_late_hours: int = 24  # a record that arrives so long after the visit is marked
    visit_clock_minutes: int = 10  # a tablet whose clock is off by so much is marked
    visit_draft_days: int = 30  # drafts, and photos no record names, are kept so long after the visit
    draw_witness_digits: int = 4  # a witness's number has so many digits at least, not all of them the same
    visit_notice_working_days: int = 3  # how long before a visit the place is told, in principle [S14]
    visit_answer_working_days: int = 5
    visit_publish_working_days: int = 20
    # self-checks of places (domain notes 6, fire patrol; all but the two hours of a night [P])
    selfcheck_types: tuple[str, ...] = ("institution", "township_center", "village_station", "canteen")
    selfcheck_day_hours: tuple[int, ...] = (8, 20)  # the patrol by day falls in between
    selfcheck_night_hours: tuple[int, ...] = (20, 8)
    selfcheck_night_interval_minutes: int = 120  # from one night round to the next: two hours at the most
    selfcheck_grace_minutes: int = 15  # after its window, still in time
    selfcheck_late_hours: int = 12  # a round of a day can be made up for so long
    selfcheck_late_days: int = 30  # weekly to yearly checks so long
    selfcheck_told_days: tuple[int, ...] = (3, 7, 14, 30)  # before its end a weekly, monthly, quarterly, yearly check is told
    selfcheck_missed_days: int = 3  # a day with missed rounds stays in the inboxes so long
    selfcheck_demand_photos: bool = False  # no round is completed without the photos its list wants
    selfcheck_report_severities: tuple[str, ...] = ("serious", "major")  # such items not in order become hazards
    # what makes a round hardly plausible
    selfcheck_seconds_per_item: int = 3
    selfcheck_pace_items: int = 5  # rounds with fewer items say nothing about pace
    selfcheck_same_photo_bits: int = 4  # of 64 that may differ between two pictures of the same
    selfcheck_photo_days: int = 180
    selfcheck_same_minute: tuple[int, ...] = (8, 10)  # so many of the last so many rounds
    selfcheck_far_m: int = 300
    # the ladder, reminder to publication: proposed from so many days overdue, so many failed rechecks (0: never for that)
    ladder_days_overdue: tuple[int, ...] = (1, 7, 15, 30, 30, 45, 60)
    ladder_failed_rechecks: tuple[int, ...] = (0, 1, 2, 3, 3, 4, 5)
    major_measures_hours: int = 24  # after the judgement, the measures taken are handed in
    major_plan_days: int = 3  # and the plan of rectification
    major_return_days: int = 1  # a paper sent back is handed in anew by the end of so many days later
    major_climb_days: int = 1  # a paper overdue: the township at once, the district after so long
    # points and credit class (domain notes 5.5): what each fact costs and each class means is kept in the register
    credit_points_year: int = 100  # what a year begins with
    credit_window_months: int = 12  # facts so old no longer speak for or against a class
    credit_a_score: int = 90  # class A: the last inspection's checklist scored so much
    credit_objection_working_days: int = 5
    credit_look_back_months: int = 24  # facts older than this are not looked for
    # ranking in reports (domain notes 8, part 13): the platform's own rule, to be confirmed by the bureau [P]
    rank_weights: tuple[str, ...] = ("credit:30", "rectification:25", "selfchecks:20", "inspections:15", "reporting:10")
    rank_least_weight: int = 50  # of whom less than so much of the 100 can be measured is not ranked
    rank_red_from: int = 90  # a good example has so many points at least, and nothing against it
    rank_black_below: int = 70
    rank_named: int = 3  # good and bad examples named, at most
    # plans of inspections (domain notes 5.2): visits a year by kind of place, least-most; of homes their credit class says [P]
    plan_type_visits: tuple[str, ...] = ("township_center:1-2", "village_station:1/2-1", "canteen:1-6", "home_care_org:1-2")
    plan_slots: tuple[str, ...] = ("09:00-10:30", "10:30-12:00", "13:30-15:00", "15:00-16:30")  # times of visits in a day
    plan_specialities: tuple[str, ...] = ("institution:fire", "canteen:food")  # one officer of a team knows this
    plan_visit_days: int = 42  # so long ahead a planned visit is made a visit
    # double-random draws and officers (domain notes 5.5, 5.6)
    public_per_minute: int = 120  # pages without sign-in an address may ask for
    verify_per_minute: int = 12  # files an address may have checked
    verify_max_mb: int = 30
    recusal_years: int = 3  # who worked or was stationed at a place avoids it so long
    officer_reminder_days: tuple[int, ...] = (60, 30, 7)  # before an enforcement certificate runs out
    # risk, and the route of a day (domain notes 5.5): no road server is asked
    inspection_proposed: int = 3  # places proposed for a month unless told otherwise
    inspection_test_months: int = 12
    inspection_test_days: int = 60  # how far the back-test looks ahead
    route_bureau: tuple[float, ...] = (120.447, 36.389)  # longitude and latitude of where the day begins and ends, WGS-84
    route_detour_percent: int = 135  # a road is so much longer than the straight line
    route_speed_kmh: int = 40
    route_hours: str = "08:30-17:30"  # out and back
    route_lunch: str = "11:30-13:30"  # a break lies within …
    route_lunch_minutes: int = 60  # … and lasts so long; 0: none
    route_open: tuple[str, ...] = (  # when a place can be visited, where its visit says nothing
        "institution:08:30-17:30", "township_center:08:30-17:00", "village_station:08:30-16:30", "canteen:09:30-14:00",
        "home_care_org:08:30-17:30",
    )
    route_visit_minutes: tuple[str, ...] = (  # on site, beside the time for the items of its lists
        "daily:30", "double_random:30", "special:40", "joint:40", "case:40", "recheck:20",
    )
    route_item_seconds: int = 60
    route_seconds: int = 2  # what the solver may take within a request
    route_seconds_run: int = 30  # and within a job
    route_visits_at_once: int = 16  # with more visits a job does it
    # the seal under every PDF: the bureau's own key, or one that the installation makes for itself
    seal_key: str | None = None  # a PKCS#12 file with the certificate and the authorities above it
    seal_passphrase: str | None = field(default=None, repr=False)
    seal_tsa_url: str | None = None  # a time-stamp service (RFC 3161); None: our own time (PAdES B-B)
    seal_tsa_user: str | None = None
    seal_tsa_password: str | None = field(default=None, repr=False)
    seal_tsa_seconds: int = 10  # how long it may take; without an answer the file is sealed with our own time
    seal_trust: str | None = None  # PEM: authorities above seal and service, whose lists of revocations are kept (B-LT)
    seal_reminder_days: int = 60  # before its certificate runs out
    cockpit_keep_seconds: int = 60  # what was collected for a cockpit is shown again so long
    screen_days: int = 180  # a wall screen is connected anew after so long
    screen_code_minutes: int = 30  # and its code is typed in within
    # maps, paper, mail
    tile_url: str | None = None  # None: a plain district background
    tile_coords: str = "wgs84"
    tile_attribution: str = ""
    font_serif: str = "Noto Serif CJK SC"
    font_sans: str = "Noto Sans CJK SC"
    report_hour: int = 2  # on the first of the month
    report_timeout_s: int = 300
    report_memory_mb: int = 1024
    report_numbering: str = "counter"  # or "typed": from the office's own register
    report_step_working_days: int = 3  # to write, review, approve or publish before it counts as late
    report_publication: str = "apart"  # by an officer after approval; "at_approval": approval publishes
    worker_concurrency: int = 1
    run_minutes: int = 60  # how long a job may take before it is ended, where its kind says nothing else
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str | None = None
    smtp_password: str | None = field(default=None, repr=False)
    smtp_from: str | None = None
    # languages and log
    default_locale: str = LANGUAGES[0]
    timezone: str = "Asia/Shanghai"
    log_level: str = "INFO"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the environment; ConfigError names the first variable that cannot be used."""
        read = Reader(os.environ if environ is None else environ)
        instance = Path(read.text("ELDERCARE_INSTANCE") or ROOT / "instance").expanduser()
        instance = (ROOT / instance).resolve()  # a relative path counts from the root
        production = read.choice("ELDERCARE_ENV", ("development", "production"), "development")
        keep = Keeper(instance, make=production != "production")
        values: dict[str, Any] = {
            "instance": instance,
            "production": production == "production",
            "database_url": read.text("DATABASE_URL"),
            "database_app_url": read.text("DATABASE_APP_URL"),
            "secret_key": read.text("SECRET_KEY") or keep("secret_key", secrets.token_urlsafe),
            "pii_key": key_of(read.text("PII_KEY") or keep("pii_key", new_key)),
            "demo_password": read.text("ELDERCARE_DEMO_PASSWORD")
            or keep("demo_password", new_password),
            "today": read.as_("ELDERCARE_TODAY", date.fromisoformat, None),
            "cookie_secure": read.flag("COOKIE_SECURE", default=production == "production"),
            "tile_coords": read.choice("TILE_COORDS", TILE_SYSTEMS, "wgs84"),
            "smtp_security": read.choice("SMTP_SECURITY", SMTP_SECURITY, "starttls"),
            "report_numbering": read.choice("REPORT_NUMBERING", NUMBERING, "counter"),
            "report_publication": read.choice("REPORT_PUBLICATION", PUBLICATION, "apart"),
            "retention_report_years": read.as_("RETENTION_REPORT_YEARS", years_of, cls.retention_report_years),
            "holidays": read.as_("HOLIDAYS", _days, ""),
            "makeup_days": read.as_("MAKEUP_DAYS", _days, ""),
            "default_locale": read.choice("DEFAULT_LOCALE", LANGUAGES, LANGUAGES[0]),
        }
        for each in fields(cls):
            if each.name not in values:
                values[each.name] = read.like(each.name.upper(), each.default)
        return cls(**values)

    @classmethod
    def for_start(cls) -> Self:
        """Like `from_environ`, but an unsafe production start ends here.

        `flask config check` is answered here too: it must work with no key and no database at all.
        """
        config = cls.from_environ()
        unsafe = unsafe_for_production(config)
        if sys.argv[1:3] == ["config", "check"] and "--help" not in sys.argv:
            click.echo("\n".join([*(unsafe or ["nothing unsafe found"]), *config.seal_judged[1]]))
            raise SystemExit(2 if unsafe else 0)
        if config.production and unsafe:
            raise ConfigError("unsafe for production: " + "; ".join(unsafe))
        return config

    @property
    def seal_judged(self) -> tuple[list[str], list[str]]:
        """What is unsafe about the key of the seal, and what a start goes on with but somebody should know."""
        return judge_seal(ROOT, self.seal_key, self.seal_passphrase, self.seal_reminder_days)

    def as_flask(self) -> dict[str, Any]:
        """Every setting in upper case, and what Flask and its extensions call theirs."""
        mine = {each.name.upper(): getattr(self, each.name) for each in fields(self)}
        return mine | {
            "CONFIG": self,
            "MAX_CONTENT_LENGTH": (self.import_max_mb + 1) * 2**20,
            "MAX_FORM_MEMORY_SIZE": 2**20,
            "SESSION_COOKIE_NAME": "__Host-eldercare" if self.cookie_secure else "eldercare",
            "SESSION_COOKIE_SECURE": self.cookie_secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "PERMANENT_SESSION_LIFETIME": timedelta(hours=self.session_hours),
            "SESSION_REFRESH_EACH_REQUEST": False,
            "REMEMBER_COOKIE_DURATION": timedelta(0),
            "WTF_CSRF_TIME_LIMIT": self.session_hours * 3600,
            "BABEL_DEFAULT_LOCALE": self.default_locale,
            "BABEL_DEFAULT_TIMEZONE": self.timezone,
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "eldercare" / "translations"),
            "LANGUAGES": LANGUAGES,
            "RATELIMIT_STORAGE_URI": "memory://",
            "RATELIMIT_HEADERS_ENABLED": True,
            "SQLALCHEMY_ENGINE_OPTIONS": {
                "pool_size": self.db_pool_size,
                "max_overflow": self.db_pool_size,
                "pool_recycle": 300,  # seconds: no connection grows so old that a firewall has forgotten it
                "hide_parameters": True,  # parameters are people's data: never in a log
            },
            "PREFERRED_URL_SCHEME": "https" if self.cookie_secure else "http",
            "TEMPLATES_AUTO_RELOAD": False,
        }


def unsafe_for_production(config: Config) -> list[str]:
    """What must be put right before people's data go in: one line each, empty when safe."""
    database = config.database_url or config.database_app_url
    judged = [
        (not config.production, "ELDERCARE_ENV is not production"),
        (is_weak(config.secret_key), "SECRET_KEY is missing or weak: give 32 random characters or more"),
        (len(set(config.pii_key)) < 12, "PII_KEY is missing or weak: give 32 random bytes in base64"),
        (not database, "DATABASE_URL is not set: the embedded server is for trials"),
        (not config.cookie_secure, "COOKIE_SECURE is off: sign-in would travel without TLS"),
        (config.today is not None, "ELDERCARE_TODAY pins the day"),
        ((config.instance / DEMO_MARK).exists(), "the demo district is loaded in this instance"),
        (config.log_level == "DEBUG", "LOG_LEVEL is DEBUG"),
        (bool(config.smtp_host) and config.smtp_security == "none", "SMTP_SECURITY is none: mail would travel in the clear"),
        (not (config.public_url or "").startswith("https://"), "PUBLIC_URL is not set to an https address"),
        (
            config.instance.exists() and bool(config.instance.stat().st_mode & 0o007),
            f"{config.instance} can be entered by every user of this machine (chmod o-rwx)",
        ),
    ]
    return [*(line for bad, line in judged if bad), *config.seal_judged[0]]


@cli.command("check")
def check() -> None:
    """Say what is unsafe for production, one line each; exit 2 if anything is.

    For its place in --help: `Config.for_start` has answered before the command is looked up.
    """


def _days(text: str) -> str:
    """Days with commas between, as ISO: one that cannot be read would make every working day wrong in silence."""
    return ",".join(date.fromisoformat(part.strip()).isoformat() for part in text.split(",") if part.strip())
