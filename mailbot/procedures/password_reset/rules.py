"""The rules of パスワード初期化 (S0, S1, S4; domain, «1. パスワード初期化»).  Pure functions."""

from datetime import date

from mailbot.model.common_rules import already_open, not_in_future, registered_ids, registered_mailboxes
from mailbot.model.contract import UserId
from mailbot.model.procedure import Circumstances, Filled, Finding, ReviewCheck, Severity

EARLIEST = "earliest"
DATED = "dated"


def check(filled: Filled, circumstances: Circumstances) -> list[Finding]:
    """Every problem, warning and hint, in the order of the form."""
    registered, findings = registered_ids(filled.codes("user_ids"), "user_ids", circumstances)
    for one in registered:
        if one.in_use(circumstances.day):
            findings += already_open(one.full, "user_ids", one.full, circumstances, "already_open")
    mailboxes, unknown = registered_mailboxes(filled.codes("mailboxes"), "mailboxes", circumstances)
    findings += unknown
    for mailbox in mailboxes:
        findings += already_open(mailbox, "mailboxes", mailbox, circumstances, "already_open")
    findings.extend(_day(filled, circumstances.day))
    if not any(f.severity is Severity.PROBLEM for f in findings):
        findings.extend(_hints(registered, circumstances))
    return findings


def _day(filled: Filled, today: date) -> list[Finding]:
    """Check NACCS登録希望日: required for the timing DATED; today and the past are a problem (S0)."""
    day = filled.day("wished_day")
    written = filled.written.get("wished_day", "")
    dated = filled.text("timing") == DATED
    if day is None:
        # An unreadable date is reported by the form reader.
        missing = Finding("date_needed", "wished_day", check=ReviewCheck.DATE_POSSIBLE)
        return [missing] if dated and not written else []
    read = written or day.isoformat()
    if not dated:
        return [Finding("date_not_needed", "wished_day", read=read, severity=Severity.WARNING)]
    return [not_in_future(day, today, "wished_day", read)] if day <= today else []


def _hints(registered: list[UserId], circumstances: Circumstances) -> list[Finding]:
    """A holder of another ID under the same code can initialise with URY「I」 at once; not for in-house IDs (S0).

    Each hint is one for all the IDs that it is about.
    """
    chosen = {user_id.full for user_id in registered}
    in_house = [user_id.full for user_id in registered if user_id.in_house]
    others = {one.full: _other_ids(one, chosen, circumstances) for one in registered if not one.in_house}
    helped = [full for full, ids in others.items() if ids]
    hints = []
    if helped:
        params = {"others": "、".join(dict.fromkeys(other for ids in others.values() for other in ids))}
        hints.append(Finding("hint_ury_i", "user_ids", "、".join(helped), severity=Severity.HINT, params=params))
    if in_house:
        hints.append(Finding("hint_in_house", "user_ids", "、".join(in_house), severity=Severity.HINT))
    return hints


def _other_ids(user_id: UserId, chosen: set[str], circumstances: Circumstances) -> list[str]:
    user_code = circumstances.office.user_code(user_id.code)
    siblings = user_code.user_ids if user_code else ()
    return [i.full for i in siblings if i.full not in chosen and not i.in_house and i.in_use(circumstances.day)]
