"""Signing in and out, one's own account, and the administration of people and grants."""

import os
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import force_locale, refresh
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf

from eldercare.accounts import forms, listing, queries, services
from eldercare.accounts.models import ROLE_WORDS, User
from eldercare.core import calendar, words
from eldercare.core.access import PUBLIC, SIGNED_IN, P, Role
from eldercare.core.api import limiter
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, is_api, page, trying

room = Room("accounts", __name__, url_prefix="/")


# ---- in and out ---------------------------------------------------------------------------------


@room.route("/sign-in", allow=PUBLIC, methods=["GET", "POST"])
@limiter.limit("120/minute", methods=["POST"])
def sign_in(scope: Scope) -> Any:
    """Sign in, then on to where the person was going, or to the first page."""
    form = forms.SignInForm()
    if form.validate_on_submit():
        attempt = services.sign_in(scope, form.username.data, form.password.data, _rules())
        if attempt.person:
            _begin(scope, attempt.person)
            return redirect(_inside(request.args.get("next")), 303)
        form.form_errors.append(attempt.refusal.message)
    elif current_user.is_authenticated:
        return redirect(_inside(request.args.get("next")), 303)
    return page("accounts/sign_in.html", form=form)


@room.post("/sign-out", allow=SIGNED_IN)
def sign_out(scope: Scope) -> Any:
    """Leave; the browser forgets everything but the language."""
    services.sign_out(scope)
    logout_user()
    _forget()
    flash(_("You have signed out."))
    return redirect(url_for(".sign_in"), 303)


@room.get("/language/<any(zh, en):code>", allow=PUBLIC)
def language(scope: Scope, code: str) -> Any:
    """Read the pages in Chinese or English from now on, here and (signed in) everywhere."""
    session["language"] = code
    if current_user.is_authenticated:
        services.choose_language(services.as_person(scope, current_user), code)
    refresh()
    return redirect(_inside(request.args.get("next")), 303)


def _begin(scope: Scope, person: User) -> None:
    """A new session for a person: nothing of the one before is kept but the language."""
    _forget()
    login_user(person)
    session.permanent = True
    g.pop("csrf_token", None)
    generate_csrf()  # at once, or pages opened side by side would each make one of their own
    session["seen"] = session["since"] = calendar.real_now().timestamp()
    grants = [grant for grant in person.held() if queries.place_of(grant)]
    session["place"] = next(iter(queries.place_names(scope, grants[:1]).values()), "")


def _forget() -> None:
    """Empty the session of all but the language (asked by the loader too, so flask-login is not called here)."""
    kept = session.get("language")
    session.clear()
    if kept:
        session["language"] = kept


def _inside(target: str | None) -> str:
    """An address of this very site to go on to; the first page for anything else."""
    where = urlsplit((target or "").strip())
    safe = where.path.startswith("/") and not where.path.startswith(("//", "/\\")) and "\\" not in where.path
    if not target or not safe or where.scheme or where.netloc or not target.isprintable():
        return "/"
    return where.path + (f"?{where.query}" if where.query else "")


def _rules() -> Any:
    return current_app.config["CONFIG"]


# ---- one's own account --------------------------------------------------------------------------


@room.route("/password", allow=SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def password(scope: Scope) -> Any:
    """Change one's own password; the other sessions end."""
    form = forms.PasswordForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            person = services.change_password(scope, form.current.data, form.new.data, _rules())
        if attempt.ok:
            _begin(scope, person)
            flash(_("Your password is changed."))
            return redirect("/", 303)
    least = _rules().password_admin_min if current_user.is_administrator else _rules().password_min
    return page("accounts/password.html", form=form, rules=_rules(), least=least)


@room.get("/account", allow=SIGNED_IN)
def account(scope: Scope) -> Any:
    """My grants, my sign-ins, my tokens."""
    (me,) = queries.dressed(scope, [queries.user(scope, current_user.id)])
    return page(
        "accounts/account.html", me=me, grant_words=listing.grant_words, tokens=queries.tokens(scope, me.id),
        form=forms.TokenForm(formdata=None, days=90), moment_now=calendar.now(),
        expires_at=queries.password_expires_at(me, _rules().password_max_days),
    )


@room.post("/account/tokens", allow=SIGNED_IN)
def make_token(scope: Scope) -> Any:
    """A token of one's own, shown once."""
    form = forms.TokenForm()
    if not form.validate():
        return page("accounts/token.html", form=form, token=None)
    text, _row = services.make_token(scope, current_user.id, form.label.data, form.days.data)
    return render_template("accounts/token.html", form=form, token=text)


@room.post("/account/tokens/<int:token_id>/revoke", allow=SIGNED_IN)
def revoke_token(scope: Scope, token_id: int) -> Any:
    """End a token of one's own."""
    services.revoke_token(scope, current_user.id, token_id)
    flash(_("The token no longer opens anything."))
    return done(".account")


@room.post("/account/end-sessions", allow=SIGNED_IN)
def end_sessions(scope: Scope) -> Any:
    """Sign out everywhere else."""
    _begin(scope, services.end_sessions(scope))
    flash(_("Every other browser is signed out."))
    return done(".account")


# ---- people -------------------------------------------------------------------------------------


@room.get("/accounts/", allow=P.USER_READ)
def index(scope: Scope) -> Any:
    """Everyone who signs in."""
    choices = {"township": [(place.id, place.name) for place in queries.townships(scope)]}
    bound = listing.PEOPLE.bind(request.args, path=request.path, choices=choices, page_size=_rules().page_size)
    bound.load(db.session, queries.users(scope))
    queries.dressed(scope, bound.rows)
    return page("accounts/index.html", people=bound)


@room.route("/accounts/new", allow=P.USER_EDIT, methods=["GET", "POST"])
def new(scope: Scope) -> Any:
    """Make an account; its one-time password is shown once."""
    form = forms.NewPersonForm(language="zh")
    if form.validate_on_submit():
        with trying(form) as attempt:
            person, secret = services.add_user(scope, form.username.data, form.name.data, form.language.data)
        if attempt.ok:
            return render_template("accounts/handed.html", person=person, password=secret, is_new=True)
    return page("accounts/new.html", form=form)


@room.get("/accounts/<int:user_id>", allow=P.USER_READ)
def show(scope: Scope, user_id: int) -> Any:
    """One person: grants, state, history, and what can be done."""
    person = queries.user(scope, user_id)
    queries.dressed(scope, [person])
    return page(
        "accounts/show.html", person=person, state=listing.state_of(person), grants=_grants_in_order(person),
        grant_words=listing.grant_words, minutes=queries.locked_minutes(person), is_me=person.id == current_user.id,
        expires_at=queries.password_expires_at(person, _rules().password_max_days),
        history=words.told(queries.account_history(scope, person), _place_namer(scope, person), first=True),
    )


def _grants_in_order(person: User) -> list[Any]:
    """(grant, is it in force, has it ended), those in force first."""
    day = calendar.today()
    judged = [(grant, grant.is_in_force(day), grant.has_ended(day)) for grant in person.grants]
    return sorted(judged, key=lambda each: (each[2], not each[1], each[0].starts_on))


def _place_namer(scope: Scope, person: User) -> words.Rename:
    places = queries.place_names(scope, person.grants)

    def rename(_entity: str, column: str, value: Any) -> Any:
        kind = column.removeprefix("place_").removesuffix("_id")
        if column == "user_id":
            return None  # whose grant it is stands at the top of the page
        return places.get((kind, value), value) if column.startswith("place_") else value

    return rename


@room.route("/accounts/<int:user_id>/edit", allow=P.USER_EDIT, methods=["GET", "POST"])
def edit(scope: Scope, user_id: int) -> Any:
    """Another name, another language."""
    person = queries.user(scope, user_id)
    form = forms.PersonForm(obj=person)
    if form.validate_on_submit():
        services.edit_user(scope, user_id, form.name.data, form.language.data)
        return done(".show", user_id=user_id)
    return page("accounts/edit.html", form=form, person=person)


@room.post("/accounts/<int:user_id>/reset-password", allow=P.USER_EDIT)
def reset_password(scope: Scope, user_id: int) -> Any:
    """A one-time password, shown once."""
    person, secret = services.reset_password(scope, user_id, _rules())
    return render_template("accounts/handed.html", person=person, password=secret, is_new=False)


@room.post("/accounts/<int:user_id>/<any(unlock, disable, enable):act>", allow=P.USER_EDIT)
def switch(scope: Scope, user_id: int, act: str) -> Any:
    """Unlock, disable or open an account again."""
    {"unlock": services.unlock, "disable": services.disable, "enable": services.enable}[act](scope, user_id)
    flash({
        "unlock": _("The account is unlocked."),
        "disable": _("The account is disabled and its sessions have ended."),
        "enable": _("The account may sign in again."),
    }[act])
    return done(".show", user_id=user_id)


# ---- grants -------------------------------------------------------------------------------------


@room.route("/accounts/<int:user_id>/grants/new", allow=P.USER_EDIT, methods=["GET", "POST"])
def grant(scope: Scope, user_id: int) -> Any:
    """Grant a role at a place."""
    form = forms.GrantForm(starts_on=calendar.today())
    if form.validate_on_submit():
        with trying(form) as attempt:
            role = Role(form.role.data)
            place = _place(scope, role, form.place.data)
            services.make_grant(scope, user_id, role, place, form.starts_on.data, form.ends_on.data)
        if attempt.ok:
            return done(".show", user_id=user_id)
    places = [*queries.townships(scope), *queries.facilities(scope)]
    return page("accounts/grant.html", form=form, person=queries.user(scope, user_id), places=places, label=queries.label)


def _place(scope: Scope, role: Role, typed: str | None) -> queries.PlaceName | None:
    found = queries.place_coded(scope, role, typed)
    if typed and found is None:
        raise Refused("grant.place_wrong", field="place")
    return found


@room.post("/accounts/<int:user_id>/grants/<int:grant_id>/end", allow=P.USER_EDIT)
def end_grant(scope: Scope, user_id: int, grant_id: int) -> Any:
    """End a grant at once."""
    ended = services.end_grant(scope, user_id, grant_id)
    flash(_("The grant “%(role)s” has ended.", role=ROLE_WORDS[Role(ended.role)]))
    return done(".show", user_id=user_id)


# ---- settings -----------------------------------------------------------------------------------


@room.get("/accounts/settings", allow=P.SETTING_EDIT)
def settings(_scope: Scope) -> Any:
    """What this installation is set to, and what changes each value."""
    groups = listing.settings(_rules(), os.environ)
    return page("accounts/settings.html", groups=groups, unconfirmed=listing.unconfirmed(groups))


# ---- who is it ----------------------------------------------------------------------------------


def _person_of_session(user_id: str) -> queries.SignedIn | None:
    """The person of a browser's session: known, enabled, of the same epoch, and not idle too long."""
    if is_api():
        return None  # the API takes tokens only: it checks no CSRF token
    number, _dot, epoch = user_id.partition(".")
    person = queries.person(int(number)) if number.isdigit() else None
    if person is None or not person.is_enabled or epoch != str(person.session_epoch):
        _forget()
        return None
    minutes = _rules().admin_idle_minutes if person.is_administrator else _rules().idle_minutes
    if not _still_awake(calendar.real_now().timestamp(), minutes * 60, _rules().session_hours * 3600):
        with force_locale("en" if session.get("language", person.language) == "en" else "zh_Hans_CN"):
            why = _("You were signed out, because nothing was done for %(minutes)d minutes or the day was over.", minutes=minutes)
        _forget()
        flash(why, "watch")
        return None
    person.place_title = session.get("place", "")
    return person


def _still_awake(moment: float, idle: float, longest: float) -> bool:
    """Whether the session goes on; the activity is noted once a minute, and a page that polls is none."""
    seen, since = session.get("seen", 0), session.get("since", session.get("seen", 0))
    if moment - seen > idle or moment - since > longest:
        return False
    polls = "X-Poll" in request.headers or request.headers.get("HX-Trigger", "").startswith("run-")
    if moment - seen > 60 and not polls:
        session["seen"], session["since"] = moment, since
    return True


def _person_of_token(asking: Any) -> User | None:
    """The person a bearer token stands for (API only)."""
    scheme, _space, text = asking.headers.get("Authorization", "").partition(" ")
    if not is_api() or scheme.lower() != "bearer" or not text:
        return None
    token = queries.token(text.strip())
    if token is None:
        return None
    services.note_use(token)
    return token.user


def init_app(app: Any) -> None:
    """Tell flask-login who is who, and the command line how to find a person."""
    manager = app.login_manager
    manager.session_protection = None  # the epoch ends sessions; addresses change on the move
    manager.user_loader(_person_of_session)
    manager.request_loader(_person_of_token)
    app.extensions["person_named"] = queries.person_named
