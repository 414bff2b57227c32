"""The rules of パスワード初期化 (S0, S1; domain, «1. パスワード初期化»).  Pure: everything they know is handed in."""

from collections.abc import Iterable
from datetime import date

from mailbot.model.contract import Office, UserId
from mailbot.model.procedure import Circumstances, Filled, Finding, Severity

EARLIEST = "earliest"
DATED = "dated"

# Letters and digits that people take for one another (the center's own FAQ names O and 0).
_LOOKALIKES = str.maketrans("O0I1", "0O1I")


def check(filled: Filled, circumstances: Circumstances) -> list[Finding]:
    """Every problem, warning and hint, in the order of the form."""
    findings: list[Finding] = []
    registered: list[UserId] = []
    for full in filled.codes("user_ids"):
        user_id = circumstances.office.user_id(full)
        if user_id is None:
            findings.append(_unknown(full, circumstances.office))
        else:
            registered.append(user_id)
            findings.extend(_usable(user_id, circumstances))
    findings.extend(_day(filled, circumstances.day))
    if not any(f.severity is Severity.PROBLEM for f in findings):
        findings.extend(_hints(registered, circumstances))
    return findings


def _unknown(full: str, office: Office) -> Finding:
    """Words for an ID that is not registered: which part is wrong, and what was probably meant.

    An ID of another office is told in the same words, so that nobody can find out what others have.
    """
    code, number = full[:5], full[5:]
    user_code = office.user_code(code)
    if user_code is None:
        meant = _lookalike(code, (u.code for u in office.user_codes))
        return Finding("unknown_user_code", "user_ids", read=code, suggestion=meant, params={"user_id": full})
    meant = _lookalike(number, (i.number for i in user_code.user_ids))
    return Finding("unknown_user_id", "user_ids", read=number, suggestion=meant, params={"code": code, "user_id": full})


def _lookalike(written: str, known: Iterable[str]) -> str:
    """The one known code that `written` becomes by taking O for 0 or I for 1 somewhere, or ""."""
    candidates = {k for k in known if len(k) == len(written) and all(map(_same_to_the_eye, k, written))}
    return candidates.pop() if len(candidates) == 1 else ""


def _same_to_the_eye(a: str, b: str) -> bool:
    return a == b or a.translate(_LOOKALIKES) == b


def _usable(user_id: UserId, circumstances: Circumstances) -> list[Finding]:
    if not user_id.in_use(circumstances.day):
        return [Finding("user_id_not_in_use", "user_ids", read=user_id.full)]
    receipts = circumstances.open_elsewhere.get(user_id.full, ())
    if receipts:
        return [Finding("already_open", "user_ids", read=user_id.full, params={"receipts": "、".join(receipts)})]
    return []


def _day(filled: Filled, today: date) -> list[Finding]:
    """NACCS登録希望日: required when a date is to be given; today and the past are refused (S0)."""
    day = filled.day("wished_day")
    written = filled.written.get("wished_day", "")
    dated = filled.text("timing") == DATED
    if day is None:
        # Written but unreadable is the reading's finding, not a second one of ours.
        return [Finding("date_needed", "wished_day")] if dated and not written else []
    read = written or day.isoformat()
    if not dated:
        return [Finding("date_not_needed", "wished_day", read=read, severity=Severity.WARNING)]
    if day == today:
        return [Finding("date_today", "wished_day", read=read)]
    return [Finding("date_past", "wished_day", read=read)] if day < today else []


def _hints(registered: list[UserId], circumstances: Circumstances) -> list[Finding]:
    """Who holds another ID under the same code can initialise with URY「I」 at once; not for in-house IDs (S0)."""
    chosen = {user_id.full for user_id in registered}
    hints = []
    for user_id in registered:
        if user_id.in_house:
            hints.append(Finding("hint_in_house", "user_ids", read=user_id.full, severity=Severity.HINT))
            continue
        others = _other_ids(user_id, chosen, circumstances)
        if others:
            params = {"others": "、".join(others)}
            hints.append(Finding("hint_ury_i", "user_ids", read=user_id.full, severity=Severity.HINT, params=params))
    return hints


def _other_ids(user_id: UserId, chosen: set[str], circumstances: Circumstances) -> list[str]:
    user_code = circumstances.office.user_code(user_id.code)
    siblings = user_code.user_ids if user_code else ()
    return [i.full for i in siblings if i.full not in chosen and not i.in_house and i.in_use(circumstances.day)]
