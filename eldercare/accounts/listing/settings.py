"""The settings of this installation put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from config import Config
from eldercare.core.listing import Badge
from environ import PREFIXED

LAW, PRACTICE, LOCAL = "law", "practice", "local"  # where a default comes from


@dataclass(frozen=True)
class Setting:
    """A field of Config: what it is, in which unit, and where its default comes from.

    law: a text that was read; practice: common practice, to be confirmed by the bureau; local: the
    installation's own matter, nothing to confirm.
    """

    field: str
    words: Any
    unit: Any = ""
    source: str = LOCAL
    secret: bool = False


class Shown(NamedTuple):
    """A setting as the page shows it."""

    words: Any
    value: str
    variable: str
    is_set: bool
    standing: Badge


_PEOPLE_DATA = (
    Setting("retention_log_days", _l("Access and operation logs kept"), _l("days"), LAW),
    Setting("retention_resident_years", _l("A person’s file kept after the contract ends"), _l("years"), LAW),
    Setting("retention_report_years", _l("Reports and official papers kept (how often made, or which:years)"), "", PRACTICE),
    Setting("retention_draft_days", _l("Drafts nobody published kept"), _l("days"), PRACTICE),
    Setting("retention_adhoc_days", _l("Ad-hoc reports kept"), _l("days"), PRACTICE),
    Setting("retention_taken_days", _l("Files made to be taken away kept"), _l("days")),
    Setting("export_approval_rows", _l("Exports above this size need approval"), _l("rows"), PRACTICE),
)
_RATIO = _l("residents for each caregiver, fewest and most")
_STAFF = (
    Setting("post_certificates", _l("Certificates a post needs (post:certificate)"), "", PRACTICE),
    Setting("certificate_reminder_days", _l("Reminders before a certificate of staff expires"), _l("days"), PRACTICE),
    Setting("training_hours_target", _l("Training a year and person"), _l("hours"), PRACTICE),
    Setting("shift_starts", _l("Day, evening and night shift begin at"), _l("o’clock"), PRACTICE),
    Setting("night_staff_least", _l("Fewest people on a night shift"), _l("people"), PRACTICE),
    Setting("fire_control_least", _l("Fewest people in the fire control room on a shift"), _l("people"), PRACTICE),
    Setting("roster_edit_days", _l("A roster can be changed back for"), _l("days"), PRACTICE),
    Setting("roster_told_hours", _l("A gap in the roster is told ahead"), _l("hours"), PRACTICE),
    Setting("ratio_self_care", _l("Care ratio, self-care"), _RATIO, PRACTICE),
    Setting("ratio_partly", _l("Care ratio, partly disabled"), _RATIO, PRACTICE),
    Setting("ratio_fully", _l("Care ratio, fully disabled"), _RATIO, PRACTICE),
    Setting("ratio_groups", _l("Group of each ability level 0 to 4 (0 self-care, 1 partly, 2 fully disabled)"), "", PRACTICE),
    Setting("ratio_unassessed", _l("Group of residents nobody has assessed"), "", PRACTICE),
    Setting("ratio_roster_days", _l("On the roster counts who had a shift in the last"), _l("days"), PRACTICE),
)
_STAYS = (
    Setting("trial_days", _l("A trial stay lasts at least, at most"), _l("days"), PRACTICE),
    Setting("trial_reminder_days", _l("Reminder before a trial stay ends"), _l("days"), PRACTICE),
    Setting("contract_reminder_days", _l("Reminders before a contract ends"), _l("days"), PRACTICE),
    Setting("assessment_reminder_days", _l("Reminders before a resident’s assessment is due"), _l("days"), PRACTICE),
    Setting("after_hospital_days", _l("Back from hospital, assessed again within"), _l("days"), PRACTICE),
    Setting("stay_climb_hours", _l("An overdue to-do of a stay is told to township, district after"), _l("hours"), PRACTICE),
)
_HEALTH = (
    Setting("risk_months", _l("A risk assessment is due again after"), _l("months"), PRACTICE),
    Setting("risk_months_high", _l("A risk assessment with a high risk is due again after"), _l("months"), PRACTICE),
    Setting("risk_climb_days", _l("A risk assessment overdue is told to the district after"), _l("days"), PRACTICE),
    Setting("risk_watch_level", _l("A risk puts somebody on a watch-list from (some, high)"), "", PRACTICE),
    Setting("care_levels", _l("Care levels a home uses, lightest first"), "", PRACTICE),
    Setting("resident_papers", _l("Papers a resident’s file must hold"), "", PRACTICE),
)
_INCIDENTS = (
    Setting("incident_e1_injured", _l("Grave (E1) from so many injured"), _l("people"), PRACTICE),
    Setting("incident_e1_ill", _l("Grave (E1) from so many ill together"), _l("people"), PRACTICE),
    Setting("incident_at_once_minutes", _l("“At once” means within"), _l("minutes"), PRACTICE),
    Setting("incident_without_delay_minutes", _l("“Without delay” means within"), _l("minutes"), PRACTICE),
    Setting("incident_e3_hour", _l("An E3 incident is received the same day, by"), _l("o’clock"), PRACTICE),
    Setting("incident_follow_up_hours", _l("A follow-up report is due every"), _l("hours"), PRACTICE),
    Setting("incident_final_working_days", _l("The final report is due after closing within"), _l("working days"), PRACTICE),
    Setting("incident_warn_minutes", _l("Warning before a deadline of an incident"), _l("minutes"), PRACTICE),
    Setting("incident_trend_count", _l("A special inspection is proposed from so many incidents of one type"), "", PRACTICE),
    Setting("incident_trend_days", _l("Incidents of one type are counted over"), _l("days"), PRACTICE),
    Setting("incident_death_causes", _l("Causes of a death in a stay that open an incident"), "", PRACTICE),
    Setting("incident_death_days", _l("Deaths in stays are looked at for the last"), _l("days"), PRACTICE),
)
_HAZARDS = (
    Setting("hazard_days_general", _l("A general hazard is put right within"), _l("days"), PRACTICE),
    Setting("hazard_days_serious", _l("A serious hazard is put right within"), _l("days"), PRACTICE),
    Setting("hazard_days_serious_most", _l("A serious hazard is put right at the latest within"), _l("days"), PRACTICE),
    Setting("hazard_days_major", _l("The plan for a major hazard is due within"), _l("days"), PRACTICE),
    Setting("hazard_recheck_working_days", _l("A hazard is checked again within"), _l("working days"), PRACTICE),
    Setting("hazard_extend_factor", _l("A hazard’s deadline is at most, in usual ones"), "", PRACTICE),
    Setting("hazard_climb_days", _l("A hazard overdue or not rechecked is told to the next level after"), _l("days"), PRACTICE),
    Setting("hazard_escalate_days", _l("An overdue hazard is told further up after"), _l("days"), PRACTICE),
    Setting("hazard_repeat_months", _l("The same fault at the same place is a repeat within"), _l("months"), PRACTICE),
    Setting("hazard_board_days", _l("Due soon, on the boards of hazards, is what falls due within"), _l("days"), PRACTICE),
    Setting("hazard_statement_working_days", _l("The place may state its view of a hazard within"), _l("working days"), PRACTICE),
    Setting("recusal_years", _l("Whoever worked at a place avoids it for"), _l("years"), PRACTICE),
    Setting("officer_reminder_days", _l("Enforcement certificates are reminded of before they run out"), _l("days"), PRACTICE),
    Setting("public_per_minute", _l("Pages without sign-in an address may ask for in a minute"), "", PRACTICE),
    Setting("cockpit_keep_seconds", _l("Figures of the cockpit are collected anew after"), _l("seconds")),
    Setting("screen_days", _l("A wall screen stays connected for"), _l("days"), PRACTICE),
    Setting("screen_code_minutes", _l("The code of a wall screen is good for"), _l("minutes"), PRACTICE),
    Setting("selfcheck_types", _l("Kinds of place that check themselves"), "", PRACTICE),
    Setting("selfcheck_day_hours", _l("Hours of the patrol by day"), "", PRACTICE),
    Setting("selfcheck_night_hours", _l("Hours of the night rounds"), "", PRACTICE),
    Setting("selfcheck_night_interval_minutes", _l("From one night round to the next at most"), _l("minutes"), PRACTICE),
    Setting("selfcheck_grace_minutes", _l("A round is in time after its window for"), _l("minutes"), PRACTICE),
    Setting("selfcheck_late_hours", _l("A round of a day can be made up for"), _l("hours"), PRACTICE),
    Setting("selfcheck_late_days", _l("A weekly to yearly check can be made up for"), _l("days"), PRACTICE),
    Setting("selfcheck_told_days", _l("A weekly, monthly, quarterly, yearly check is told before its end"), _l("days"), PRACTICE),
    Setting("selfcheck_missed_days", _l("A day with missed rounds stays in the inbox for"), _l("days"), PRACTICE),
    Setting("selfcheck_demand_photos", _l("No self-check without the photos its list wants"), "", PRACTICE),
    Setting("selfcheck_report_severities", _l("Faults of self-checks that become hazards"), "", PRACTICE),
    Setting("selfcheck_seconds_per_item", _l("Too fast: less for each item than"), _l("seconds"), PRACTICE),
    Setting("selfcheck_pace_items", _l("Pace is judged from how many items"), _l("items"), PRACTICE),
    Setting("selfcheck_same_photo_bits", _l("The same photo: of 64 bits differ at most"), _l("bits"), PRACTICE),
    Setting("selfcheck_photo_days", _l("Photos are compared with those of the last"), _l("days"), PRACTICE),
    Setting("selfcheck_same_minute", _l("The same minute: so many of the last rounds"), "", PRACTICE),
    Setting("selfcheck_far_m", _l("Far from the place: more than"), _l("metres"), PRACTICE),
    Setting("ladder_days_overdue", _l("Steps of escalation after days overdue"), _l("days"), PRACTICE),
    Setting("ladder_failed_rechecks", _l("Steps of escalation after failed rechecks"), "", PRACTICE),
    Setting("major_measures_hours", _l("Measures of a major hazard are handed in within"), _l("hours"), PRACTICE),
    Setting("major_plan_days", _l("The plan of a major hazard is handed in within"), _l("days"), PRACTICE),
    Setting("major_return_days", _l("A paper on a major hazard that was sent back is due again within"), _l("days"), PRACTICE),
    Setting("major_climb_days", _l("A paper on a major hazard overdue is told to the district after"), _l("days"), PRACTICE),
    Setting("credit_points_year", _l("Points a place begins a year with"), _l("points"), PRACTICE),
    Setting("credit_window_months", _l("Facts speak for or against a class for"), _l("months"), PRACTICE),
    Setting("credit_a_score", _l("Class A: score of the last inspection at least"), _l("points"), PRACTICE),
    Setting("credit_objection_working_days", _l("A place may object to a change of class for"), _l("working days"), PRACTICE),
    Setting("credit_look_back_months", _l("Facts are looked for over the last"), _l("months"), PRACTICE),
    Setting("rank_weights", _l("Weights of the ranking in reports"), _l("points"), PRACTICE),
    Setting("rank_least_weight", _l("Ranked is of whom so much can be measured"), _l("points"), PRACTICE),
    Setting("rank_red_from", _l("A good example of the ranking has at least"), _l("points"), PRACTICE),
    Setting("rank_black_below", _l("A bad example of the ranking has less than"), _l("points"), PRACTICE),
    Setting("rank_named", _l("Good and bad examples named at most"), "", PRACTICE),
    Setting("order_number", _l("Number of a rectification order")),
    Setting("order_organ", _l("Rectification orders are issued in the name of")),
    Setting("order_basis", _l("Rule named in an order where no checklist item names one"), "", PRACTICE),
    Setting("order_consequence", _l("Consequence named in a rectification order"), "", PRACTICE),
    Setting("order_remedies", _l("Remedies named in a rectification order"), "", PRACTICE),
    Setting("station_days_back", _l("A day on post is written down at most"), _l("days later"), PRACTICE),
    Setting("holidays", _l("Days off the table of days off began with")),
    Setting("makeup_days", _l("Weekend days worked the table of days off began with")),
)
_PLANS = (
    Setting("plan_type_visits", _l("Inspections a year by kind of place (1/2: every second year)"), "", PRACTICE),
    Setting("plan_slots", _l("Times of visits in a day"), "", PRACTICE),
    Setting("plan_specialities", _l("What one officer of a team knows, by kind of place"), "", PRACTICE),
    Setting("plan_visit_days", _l("A planned visit is made a visit ahead of its day by"), _l("days"), PRACTICE),
    Setting("visit_notice_working_days", _l("A place is told of a visit ahead by"), _l("working days"), PRACTICE),
    Setting("visit_number", _l("Letters before the number of an inspection"), "", PRACTICE),
    Setting("visit_sample", _l("Residents drawn by lot for a visit"), "", PRACTICE),
    Setting("visit_photo_px", _l("Longer side of a photo from the tablet"), _l("pixels"), PRACTICE),
    Setting("visit_photo_bytes", _l("Size of a photo from the tablet"), _l("bytes"), PRACTICE),
    Setting("rescue_max_mb", _l("Largest rescue file of a tablet"), "MB"),
    Setting("rescue_kept_days", _l("A rescue file not taken in is kept for"), _l("days")),
    Setting("draw_witness_digits", _l("Fewest digits of a witness’s number"), _l("digits"), PRACTICE),
    Setting("visit_late_hours", _l("A record that arrives later than this is marked"), _l("hours"), PRACTICE),
    Setting("visit_clock_minutes", _l("A tablet’s clock off by more than this is marked"), _l("minutes"), PRACTICE),
    Setting("visit_answer_working_days", _l("A home may answer a record within"), _l("working days"), PRACTICE),
    Setting("visit_publish_working_days", _l("A result is made public within"), _l("working days"), PRACTICE),
    Setting("visit_draft_days", _l("Drafts and unused photos of a visit are kept for"), _l("days"), PRACTICE),
)
_ROUTES = (
    Setting("inspection_proposed", _l("Places proposed by risk for a month"), "", PRACTICE),
    Setting("inspection_test_months", _l("The back-test tries"), _l("months"), PRACTICE),
    Setting("inspection_test_days", _l("The back-test looks ahead"), _l("days"), PRACTICE),
    Setting("route_bureau", _l("Where an inspection day begins and ends, longitude and latitude"), "", PRACTICE),
    Setting("route_detour_percent", _l("A road in percent of the straight line"), "%", PRACTICE),
    Setting("route_speed_kmh", _l("Speed between places"), "km/h", PRACTICE),
    Setting("route_hours", _l("Out and back between"), "", PRACTICE),
    Setting("route_lunch", _l("The midday break lies between"), "", PRACTICE),
    Setting("route_lunch_minutes", _l("The midday break lasts"), _l("minutes"), PRACTICE),
    Setting("route_open", _l("Places can be visited between"), "", PRACTICE),
    Setting("route_visit_minutes", _l("A visit takes, beside its lists"), _l("minutes"), PRACTICE),
    Setting("route_item_seconds", _l("An item of a list takes"), _l("seconds"), PRACTICE),
    Setting("route_seconds", _l("Ordering a day may take at most"), _l("seconds")),
    Setting("route_seconds_run", _l("Ordering a long day, as a job, may take at most"), _l("seconds")),
    Setting("route_visits_at_once", _l("A day with more visits is ordered as a job"), _l("visits")),
)
_FILES = (
    Setting("attachment_max_mb", _l("Largest photo or paper"), "MB"),
    Setting("attachment_max_megapixels", _l("Most pixels of a photo"), _l("million")),
    Setting("attachment_longest_px", _l("Longer side of a photo as it is kept"), _l("pixels")),
    Setting("attachment_check_seconds", _l("Looking into a file may take at most"), _l("seconds")),
    Setting("attachment_check_memory_mb", _l("Looking into a file may use at most"), "MB"),
)
_SEAL = (
    Setting("seal_key", _l("Key file of the seal (PKCS#12)")),
    Setting("seal_passphrase", _l("Passphrase of the seal’s key"), secret=True),
    Setting("seal_reminder_days", _l("Reminder before the certificate of the seal runs out"), _l("days"), PRACTICE),
    Setting("seal_tsa_url", _l("Time-stamp service")),
    Setting("seal_tsa_user", _l("User name at the time-stamp service")),
    Setting("seal_tsa_password", _l("Password at the time-stamp service"), secret=True),
    Setting("seal_tsa_seconds", _l("The time-stamp service may take at most"), _l("seconds")),
    Setting("seal_trust", _l("File of the authorities above seal and service")),
    Setting("verify_per_minute", _l("Files an address may have checked in a minute"), _l("files")),
    Setting("verify_max_mb", _l("Largest file that is checked"), "MB"),
)
SETTINGS: tuple[tuple[Any, tuple[Setting, ...]], ...] = (
    (
        _l("Signing in"),
        (
            Setting("idle_minutes", _l("Signed out after no activity"), _l("minutes"), PRACTICE),
            Setting("admin_idle_minutes", _l("Signed out after no activity, administrators"), _l("minutes"), PRACTICE),
            Setting("session_hours", _l("Signed out at the latest after"), _l("hours"), PRACTICE),
            Setting("lockout_failures", _l("Failed attempts until sign-in closes"), "", PRACTICE),
            Setting("lockout_minutes", _l("Sign-in stays closed"), _l("minutes"), PRACTICE),
            Setting("password_min", _l("Shortest password"), _l("characters"), PRACTICE),
            Setting("password_admin_min", _l("Shortest password, administrators"), _l("characters"), PRACTICE),
            Setting("password_classes", _l("Kinds of characters in a password, of four"), "", PRACTICE),
            Setting("password_max_days", _l("A password must be changed after"), _l("days"), PRACTICE),
            Setting("password_history", _l("Last passwords that cannot be used again"), "", PRACTICE),
        ),
    ),
    (
        _l("Rules of the field"),
        (
            Setting("licence_reminder_days", _l("Reminders before a licence expires"), _l("days"), PRACTICE),
            Setting("assessment_months", _l("An ability assessment is due again after"), _l("months"), PRACTICE),
            Setting("assessment_adjustments_add", _l("Dementia and risk events each worsen the level by one"), "", PRACTICE),
            Setting("advanced_age", _l("Counts as advanced age from"), _l("years of age"), PRACTICE),
            Setting("disabled_level", _l("Counts as disabled from ability level"), "", PRACTICE),
            Setting("nursing_bed_target_percent", _l("Target for the share of nursing beds"), "%", PRACTICE),
        ),
    ),
    (_l("Stays in homes"), _STAYS),
    (_l("Health of residents"), _HEALTH),
    (_l("Staff and roster"), _STAFF),
    (_l("Incidents"), _INCIDENTS),
    (_l("Hazards and working days"), _HAZARDS),
    (_l("Plans of inspections"), _PLANS),
    (_l("Risk and routes of inspections"), _ROUTES),
    (_l("Personal data"), _PEOPLE_DATA),
    (
        _l("Excel intake and lists"),
        (
            Setting("import_max_rows", _l("Most rows in one workbook"), _l("rows")),
            Setting("import_max_mb", _l("Largest file"), "MB"),
            Setting("import_max_unpacked_mb", _l("Largest size once unpacked"), "MB"),
            Setting("page_size", _l("Rows on a page of a list"), _l("rows")),
        ),
    ),
    (_l("Photos and papers"), _FILES),
    (_l("Seal and check of reports"), _SEAL),
    (
        _l("Reports"),
        (
            Setting("report_hour", _l("Monthly reports are made on the first at"), _l("o’clock")),
            Setting("report_timeout_s", _l("A report may take at most"), _l("seconds")),
            Setting("report_memory_mb", _l("A report may use at most"), "MB"),
            Setting("report_numbering", _l("Issue numbers: by counter, or typed from the office’s register"), "", PRACTICE),
            Setting("report_step_working_days", _l("Each step of a report is late after"), _l("working days"), PRACTICE),
            Setting("report_publication", _l("Published apart from approval, or at_approval"), "", PRACTICE),
            Setting("run_minutes", _l("A job may take at most"), _l("minutes")),
            Setting("worker_concurrency", _l("Jobs at the same time")),
            Setting("font_serif", _l("Text font")),
            Setting("font_sans", _l("Heading font")),
            Setting("public_url", _l("Address printed on reports")),
        ),
    ),
    (
        _l("Map"),
        (
            Setting("tile_url", _l("Address of map tiles")),
            Setting("tile_coords", _l("Coordinates of the tiles")),
            Setting("tile_attribution", _l("Credit shown on the map")),
        ),
    ),
    (
        _l("Mail"),
        (
            Setting("smtp_host", _l("Mail server")),
            Setting("smtp_port", _l("Port")),
            Setting("smtp_security", _l("Encryption")),
            Setting("smtp_user", _l("Signs in as")),
            Setting("smtp_password", _l("Password"), secret=True),
            Setting("smtp_from", _l("Sender")),
        ),
    ),
    (
        _l("Installation"),
        (
            Setting("production", _l("In real use")),
            Setting("instance", _l("Data folder")),
            Setting("database_url", _l("Database, set-up rights"), secret=True),
            Setting("database_app_url", _l("Database, run-time login"), secret=True),
            Setting("db_pool_size", _l("Database connections a process")),
            Setting("secret_key", _l("Key of the sessions"), secret=True),
            Setting("pii_key", _l("Key of the personal numbers"), secret=True),
            Setting("metrics_token", _l("Token for /metrics"), secret=True),
            Setting("cookie_secure", _l("Sign-in through TLS only")),
            Setting("trusted_proxies", _l("Reverse proxies in front")),
            Setting("default_locale", _l("Language unless chosen")),
            Setting("timezone", _l("Time zone")),
            Setting("log_level", _l("Detail of the system’s own log")),
            Setting("demo_password", _l("Password of the demo sign-ins"), secret=True),
            Setting("demo_residents", _l("Size of the demo district"), _l("people")),
            Setting("today", _l("Pinned day")),
        ),
    ),
)


_VARIABLES = {
    "instance": "ELDERCARE_INSTANCE", "production": "ELDERCARE_ENV", "today": "ELDERCARE_TODAY",
    "demo_password": "ELDERCARE_DEMO_PASSWORD",
}


def variable_of(setting: str) -> str:
    """The environment variable that changes a setting."""
    return _VARIABLES.get(setting) or PREFIXED.get(setting.upper()) or setting.upper()


def settings(config: Config, environ: Mapping[str, str]) -> list[tuple[Any, list[Shown]]]:
    """The groups with their settings as the page shows them."""
    return [(title, [_shown(config, each, environ) for each in group]) for title, group in SETTINGS]


def _shown(config: Config, setting: Setting, environ: Mapping[str, str]) -> Shown:
    variable = variable_of(setting.field)
    is_set = bool(environ.get(variable, "").strip())
    value = _value(setting, getattr(config, setting.field))
    return Shown(setting.words, value, variable, is_set, _standing(setting, is_set=is_set))


def _standing(setting: Setting, *, is_set: bool) -> Badge:
    if is_set:
        return Badge(_l("set here"), "good")
    if setting.source == PRACTICE:
        return Badge(_l("to be confirmed"), "watch")
    return Badge(_l("by law or standard"), "good") if setting.source == LAW else Badge(_l("default"), "quiet")


def _value(setting: Setting, value: Any) -> str:
    if setting.secret:
        return _("set, never shown") if value else _("not set")
    if value is None or value == "":
        return _("not set")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        value = _(", ").join(map(str, value))
    if isinstance(value, int):
        value = f"{value:,}"
    if isinstance(value, date):
        value = value.isoformat()
    return f"{value} {setting.unit}".strip()


def unconfirmed(groups: list[tuple[Any, list[Shown]]]) -> str:
    """How many settings rest on common practice alone."""
    count = sum(shown.standing.tone == "watch" for _title, group in groups for shown in group)
    return ngettext("One value rests on common practice.", "%(num)d values rest on common practice.", count)
