"""Who may do what: permissions, roles, and which role holds which permission.

One screen an auditor can read and sign. Roles are never compared by rank; a new permission is
a member of `P`, a line in `GRANTS` and a changed golden table, in one commit.
"""

from enum import StrEnum

PUBLIC = "public"  # a door without a lock: sign-in, public pages, health
SIGNED_IN = "signed-in"  # any person who has signed in, whatever the role


class P(StrEnum):
    """Permissions, `noun:verb`, in alphabetical order."""

    ALERT_READ = "alert:read"  # one's own inbox
    AUDIT_READ = "audit:read"
    BED_EDIT = "bed:edit"  # buildings, rooms and beds as places
    CHECKLIST_EDIT = "checklist:edit"  # drafts of checklists and of the hazard table; publishing them
    CHECKLIST_READ = "checklist:read"
    CHECKUP_READ = "checkup:read"  # metrics and readiness details
    CREDIT_EDIT = "credit:edit"  # points and the credit class of a place
    FACILITY_EDIT = "facility:edit"
    FACILITY_OVERRIDE = "facility:override"  # accept a credit code whose check character is wrong
    FACILITY_READ = "facility:read"
    HAZARD_CLOSE = "hazard:close"
    HAZARD_ORDER = "hazard:order"  # order a hazard to be put right, extend its deadline
    HAZARD_READ = "hazard:read"
    HAZARD_RECHECK = "hazard:recheck"  # by someone other than who replied
    HAZARD_REPLY = "hazard:reply"  # receive an order, put right, reply
    HAZARD_REPORT = "hazard:report"  # report one; ordering it is for certified officers
    HAZARD_SUPERVISE = "hazard:supervise"  # talks, suspension, listed supervision
    HEALTH_EDIT = "health:edit"  # health profile, allergies, risk flags, papers of a resident's file
    HEALTH_READ = "health:read"
    INCIDENT_CLOSE = "incident:close"  # the district's word on grave incidents; reopen, merge, reject
    INCIDENT_EDIT = "incident:edit"  # respond, investigate, put right
    INCIDENT_READ = "incident:read"
    INCIDENT_RECEIVE = "incident:receive"  # acknowledge a report: what stops a statutory clock
    INCIDENT_REPORT = "incident:report"
    INCIDENT_REVIEW = "incident:review"  # by someone other than the reporter
    INSPECTION_ANSWER = "inspection:answer"  # a home reads what was found at it, and answers
    INSPECTION_APPROVE = "inspection:approve"  # plans and voided draws, by someone other than who made them
    INSPECTION_DO = "inspection:do"  # carry out a visit as one of its officers
    INSPECTION_DRAW = "inspection:draw"
    INSPECTION_PLAN = "inspection:plan"
    INSPECTION_READ = "inspection:read"
    INTAKE_RUN = "intake:run"
    LICENCE_EDIT = "licence:edit"
    OFFICER_EDIT = "officer:edit"  # who is a certified officer, who avoids which place
    OVERVIEW_DISTRICT = "overview:district"
    OVERVIEW_FACILITY = "overview:facility"
    OVERVIEW_TOWNSHIP = "overview:township"
    REPORT_APPROVE = "report:approve"  # never by who wrote or reviewed it; withdraw what is published
    REPORT_BUILD = "report:build"  # ask for one, write its text parts, publish what was approved
    REPORT_COMMENT = "report:comment"  # read drafts and say what is wrong with them
    REPORT_READ = "report:read"
    REPORT_RETAIN = "report:retain"  # keep a published file longer, remove it when its years are over
    REPORT_REVIEW = "report:review"  # never by who wrote its words last
    REPORT_SCHEDULE = "report:schedule"  # when reports are made, for which places, who hears of them
    RESIDENT_ASSESS = "resident:assess"
    RESIDENT_EDIT = "resident:edit"
    RESIDENT_EXPORT = "resident:export"
    RESIDENT_MOVE = "resident:move"  # to another township; mark a duplicate
    RESIDENT_READ = "resident:read"
    RESIDENT_REGISTER = "resident:register"  # put a new person on the register
    RESIDENT_UNMASK = "resident:unmask"
    SCREEN_EDIT = "screen:edit"  # wall screens: set one up, disconnect it
    SELFCHECK_FILL = "selfcheck:fill"
    SELFCHECK_JUDGE = "selfcheck:judge"  # what is hardly plausible about a round: see it, say what was found
    SELFCHECK_READ = "selfcheck:read"
    SETTING_EDIT = "setting:edit"
    STAFF_EDIT = "staff:edit"
    STAFF_READ = "staff:read"
    STAFF_UNMASK = "staff:unmask"  # ID number and telephone of a member of staff, one at a time; scans of certificates
    STATION_ANSWER = "station:answer"  # the home's comment on a supervisor's day
    STATION_EDIT = "station:edit"  # who is posted where
    STATION_LOG = "station:log"  # one's own days at a home
    STATION_READ = "station:read"
    STAY_EDIT = "stay:edit"  # admission, leave, transfer, discharge
    STAY_READ = "stay:read"
    USER_EDIT = "user:edit"
    USER_READ = "user:read"


class Role(StrEnum):
    """Roles a person can be granted."""

    LEADER = "leader"
    DISTRICT_OFFICER = "district_officer"
    TOWNSHIP_OFFICER = "township_officer"
    INSPECTOR = "inspector"
    STATIONED_SUPERVISOR = "stationed_supervisor"
    FACILITY_MANAGER = "facility_manager"
    CANTEEN_KEEPER = "canteen_keeper"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


# The kind of place a grant of the role names: nothing (the whole district), a township, a facility.
ROLE_PLACE: dict[Role, str] = {
    Role.LEADER: "district",
    Role.DISTRICT_OFFICER: "district",
    Role.TOWNSHIP_OFFICER: "township",
    Role.INSPECTOR: "district",
    Role.STATIONED_SUPERVISOR: "facility",
    Role.FACILITY_MANAGER: "facility",
    Role.CANTEEN_KEEPER: "facility",
    Role.ADMINISTRATOR: "district",
    Role.AUDITOR: "district",
}

GRANTS: dict[Role, frozenset[P]] = {
    Role.LEADER: frozenset(  # people masked, never unmasked
        {
            P.ALERT_READ, P.CHECKLIST_READ, P.FACILITY_READ, P.HAZARD_READ, P.INCIDENT_READ, P.INSPECTION_APPROVE,
            P.INSPECTION_READ, P.OVERVIEW_DISTRICT, P.REPORT_APPROVE, P.REPORT_COMMENT, P.REPORT_READ, P.RESIDENT_READ,
            P.SCREEN_EDIT, P.SELFCHECK_READ, P.STAFF_READ, P.STATION_READ, P.STAY_READ,
        }
    ),
    Role.DISTRICT_OFFICER: frozenset(
        {
            P.ALERT_READ, P.BED_EDIT, P.CHECKLIST_EDIT, P.CHECKLIST_READ, P.CREDIT_EDIT, P.FACILITY_EDIT, P.FACILITY_OVERRIDE,
            P.FACILITY_READ, P.HAZARD_CLOSE, P.HAZARD_ORDER, P.HAZARD_READ, P.HAZARD_RECHECK, P.HAZARD_REPORT, P.HAZARD_SUPERVISE,
            P.HEALTH_READ, P.INCIDENT_CLOSE, P.INCIDENT_READ, P.INCIDENT_RECEIVE, P.INCIDENT_REPORT, P.INCIDENT_REVIEW,
            P.INSPECTION_APPROVE, P.INSPECTION_DRAW, P.INSPECTION_PLAN, P.INSPECTION_READ, P.INTAKE_RUN, P.LICENCE_EDIT,
            P.OFFICER_EDIT, P.OVERVIEW_DISTRICT, P.REPORT_BUILD, P.REPORT_COMMENT, P.REPORT_READ, P.REPORT_RETAIN,
            P.REPORT_REVIEW, P.REPORT_SCHEDULE, P.RESIDENT_ASSESS, P.RESIDENT_EDIT, P.RESIDENT_EXPORT, P.RESIDENT_MOVE,
            P.RESIDENT_READ, P.RESIDENT_REGISTER, P.RESIDENT_UNMASK, P.SCREEN_EDIT, P.SELFCHECK_JUDGE, P.SELFCHECK_READ,
            P.STAFF_READ, P.STAFF_UNMASK, P.STATION_EDIT, P.STATION_READ, P.STAY_EDIT, P.STAY_READ,
        }
    ),
    Role.TOWNSHIP_OFFICER: frozenset(
        {
            P.ALERT_READ, P.CHECKLIST_READ, P.FACILITY_EDIT, P.FACILITY_READ, P.HAZARD_CLOSE, P.HAZARD_ORDER, P.HAZARD_READ,
            P.HAZARD_RECHECK, P.HAZARD_REPORT, P.INCIDENT_READ, P.INCIDENT_RECEIVE, P.INCIDENT_REPORT, P.INCIDENT_REVIEW,
            P.INSPECTION_READ, P.INTAKE_RUN, P.LICENCE_EDIT, P.OVERVIEW_TOWNSHIP, P.REPORT_READ, P.RESIDENT_ASSESS,
            P.RESIDENT_EDIT, P.RESIDENT_EXPORT, P.RESIDENT_READ, P.RESIDENT_REGISTER, P.RESIDENT_UNMASK, P.SELFCHECK_JUDGE,
            P.SCREEN_EDIT, P.SELFCHECK_READ, P.STAFF_READ, P.STAFF_UNMASK, P.STATION_READ, P.STAY_READ,
        }
    ),
    Role.INSPECTOR: frozenset(
        {
            P.ALERT_READ, P.CHECKLIST_READ, P.FACILITY_READ, P.HAZARD_ORDER, P.HAZARD_READ, P.HAZARD_RECHECK, P.HAZARD_REPORT,
            P.INCIDENT_READ, P.INSPECTION_DO, P.INSPECTION_READ, P.OVERVIEW_DISTRICT, P.REPORT_READ, P.SELFCHECK_JUDGE,
            P.SELFCHECK_READ, P.STAFF_READ, P.STATION_READ, P.STAY_READ,
        }
    ),
    Role.STATIONED_SUPERVISOR: frozenset(  # often of a third party: sees, advises, reports; orders nothing (§5.2)
        {
            P.ALERT_READ, P.CHECKLIST_READ, P.FACILITY_READ, P.HAZARD_READ, P.HAZARD_REPORT, P.OVERVIEW_FACILITY,
            P.STATION_LOG, P.STATION_READ,
        }
    ),
    Role.FACILITY_MANAGER: frozenset(
        {
            P.ALERT_READ, P.BED_EDIT, P.CHECKLIST_READ, P.FACILITY_READ, P.HAZARD_READ, P.HAZARD_REPLY, P.HEALTH_EDIT,
            P.HEALTH_READ, P.INCIDENT_EDIT, P.INCIDENT_READ, P.INCIDENT_REPORT, P.INCIDENT_REVIEW, P.INSPECTION_ANSWER,
            P.LICENCE_EDIT, P.OVERVIEW_FACILITY, P.REPORT_READ, P.RESIDENT_ASSESS, P.RESIDENT_EDIT, P.RESIDENT_EXPORT,
            P.RESIDENT_READ, P.RESIDENT_UNMASK, P.SELFCHECK_FILL, P.SELFCHECK_READ, P.STAFF_EDIT, P.STAFF_READ, P.STAFF_UNMASK,
            P.STATION_ANSWER, P.STATION_READ, P.STAY_EDIT, P.STAY_READ,
        }
    ),
    Role.CANTEEN_KEEPER: frozenset(
        {
            P.ALERT_READ, P.CHECKLIST_READ, P.FACILITY_READ, P.HAZARD_READ, P.HAZARD_REPLY, P.INCIDENT_READ, P.INCIDENT_REPORT,
            P.INSPECTION_ANSWER, P.OVERVIEW_FACILITY, P.REPORT_READ, P.SELFCHECK_FILL, P.SELFCHECK_READ, P.STAFF_EDIT,
            P.STAFF_READ, P.STAFF_UNMASK,
        }
    ),
    Role.ADMINISTRATOR: frozenset({P.CHECKUP_READ, P.SETTING_EDIT, P.USER_EDIT, P.USER_READ}),
    Role.AUDITOR: frozenset({P.AUDIT_READ}),
}

# What is done under these permissions never touches a walled table of the register;
# the database role entered with them cannot read one.
LOG_ONLY = frozenset({P.AUDIT_READ})
NO_PERSONAL_DATA = frozenset({P.CHECKUP_READ, P.SETTING_EDIT, P.USER_EDIT, P.USER_READ})


def holds(role: Role, permission: P) -> bool:
    """Whether a role holds a permission."""
    return permission in GRANTS[role]
