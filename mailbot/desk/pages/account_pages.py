"""The pages about log-ins: one's own password and sessions; of an operator everybody's."""

from dataclasses import dataclass

from mailbot.desk.context import DeskContext
from mailbot.desk.pages.asked import Answer, Asked, NotFound, Page, SeeOther
from mailbot.desk.pages.log_in import change_password
from mailbot.desk.pages.log_ins import end_session
from mailbot.model.desk_login import DeskLogin, DeskSession
from mailbot.records.secrets import desk_logins


@dataclass(frozen=True)
class AccountPage:
    """One's own log-in; `problem`: why the password was not changed: "" | differ | wait | wrong | short | same."""

    login: DeskLogin
    sessions: tuple[DeskSession, ...]
    here: int  # the number of the session that asks
    problem: str = ""
    ended: bool = False


@dataclass(frozen=True)
class LogInsPage:
    """Everybody's log-ins and sessions."""

    logins: tuple[DeskLogin, ...]
    sessions: tuple[tuple[DeskSession, DeskLogin], ...]
    here: int
    ended: bool = False


def account(asked: Asked, context: DeskContext) -> Answer:
    return Page("account", _account(asked, context))


def _account(asked: Asked, context: DeskContext, *, problem: str = "", ended: bool = False) -> AccountPage:
    with context.store.reading():
        mine = tuple(one for one in desk_logins.sessions(asked.now) if one.login_id == asked.login.id)
    return AccountPage(asked.login, mine, asked.session_number, problem, ended)


def new_password(asked: Asked, context: DeskContext) -> Answer:
    """Change one's own password; every session ends, this one as well."""
    problem = "differ"
    if asked.text("new") == asked.text("again"):
        problem = change_password(
            asked.login, asked.text("old"), asked.text("code"), asked.text("new"), asked.client, asked.now, context
        )
    if problem:
        return Page("account", _account(asked, context, problem=problem), 429 if problem == "wait" else 422)
    return SeeOther("/desk/login?changed=1")


def end_own_session(asked: Asked, context: DeskContext) -> Answer:
    """End one of one's own sessions."""
    number = asked.number("session")
    if number not in [one.number for one in _account(asked, context).sessions]:
        return NotFound()
    end_session(number, asked.login.email, asked.now, context)
    return Page("account", _account(asked, context, ended=True))


def log_ins(asked: Asked, context: DeskContext) -> Answer:
    return Page("log_ins", _log_ins(asked, context))


def _log_ins(asked: Asked, context: DeskContext, *, ended: bool = False) -> LogInsPage:
    with context.store.reading():
        everybody = tuple(desk_logins.listing())
        sessions = desk_logins.sessions(asked.now)
    by_id = {one.id: one for one in everybody}
    known = tuple((one, by_id[one.login_id]) for one in sessions if one.login_id in by_id)
    return LogInsPage(everybody, known, asked.session_number, ended)


def end_any_session(asked: Asked, context: DeskContext) -> Answer:
    """End a session of anybody."""
    ended = end_session(asked.number("session"), asked.login.email, asked.now, context)
    return Page("log_ins", _log_ins(asked, context, ended=ended))
