"""Rules that procedures share: IDs that must be registered, a code, a 利用開始希望日, numbers that must be left.

The subjects (`Procedure.subjects`) that procedures agree on: a 利用者ID for its password, `-` and a code for its
abolition, `+` and a 利用者コード for an addition under it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice

from mailbot.model.contract import Office, Service, UserCode, UserId
from mailbot.model.numbering import mailboxes_left, numbers
from mailbot.model.procedure import Circumstances, Filled, Finding, ReviewCheck, Severity

# Letters and digits that people take for one another (the center's own FAQ names O and 0).
_LOOKALIKES = str.maketrans("O0I1", "0O1I")
MOST_ADDED = 99  # of one kind in one application


def abolition_of(code: str) -> str:
    """The subject of an abolition of a 利用者ID, 利用者コード or メールボックスID."""
    return f"-{code}"


def addition_to(code: str) -> str:
    """The subject of an addition under a 利用者コード (or 事業所コード)."""
    return f"+{code}"


def registered_ids(
    codes: Iterable[str], field: str, circumstances: Circumstances
) -> tuple[list[UserId], list[Finding]]:
    """The registered 利用者ID among `codes`, and a finding for each that is not registered or not in use."""
    registered: list[UserId] = []
    findings: list[Finding] = []
    for full in codes:
        user_id = circumstances.office.user_id(full)
        if user_id is None:
            findings.append(_unknown_id(full, field, circumstances.office))
            continue
        registered.append(user_id)
        if not user_id.in_use(circumstances.day):
            findings.append(Finding("user_id_not_in_use", field, read=full, check=ReviewCheck.IDS_IN_USE))
    return registered, findings


def _unknown_id(full: str, field: str, office: Office) -> Finding:
    """Words for an ID that is not registered: which part is wrong, and what was probably meant.

    An ID of another office is told in the same words, so that nobody can find out what others have.
    """
    code, number = full[:5], full[5:]
    user_code = office.user_code(code)
    if user_code is None:
        return unknown_code(code, field, office, full)
    meant = lookalike(number, (i.number for i in user_code.user_ids))
    params = {"code": code, "user_id": full}
    registered = ReviewCheck.IDS_REGISTERED
    return Finding("unknown_user_id", field, read=number, suggestion=meant, params=params, check=registered)


def unknown_code(code: str, field: str, office: Office, user_id: str = "") -> Finding:
    """A 利用者コード that is not registered for the office."""
    meant = lookalike(code, (u.code for u in office.user_codes))
    params = {"user_id": user_id or code}
    registered = ReviewCheck.IDS_REGISTERED
    return Finding("unknown_user_code", field, read=code, suggestion=meant, params=params, check=registered)


def lookalike(written: str, known: Iterable[str]) -> str:
    """The one known code that `written` becomes by taking O for 0 or I for 1 somewhere, or ""."""
    candidates = {k for k in known if len(k) == len(written) and all(map(_same_to_the_eye, k, written))}
    return candidates.pop() if len(candidates) == 1 else ""


def _same_to_the_eye(a: str, b: str) -> bool:
    return a == b or a.translate(_LOOKALIKES) == b


def already_open(subject: str, field: str, read: str, circumstances: Circumstances, code: str) -> list[Finding]:
    """The finding `code` when another application has the same subject."""
    receipts = circumstances.open_elsewhere.get(subject, ())
    params, check = {"receipts": "、".join(receipts)}, ReviewCheck.NO_OTHER_APPLICATION
    return [Finding(code, field, read=read, params=params, check=check)] if receipts else []


def wished_start(filled: Filled, circumstances: Circumstances, field: str = "wished_start") -> list[Finding]:
    """利用開始希望日: today and the past are refused; a day off the schedule is accepted with a warning (S2)."""
    wish = filled.day(field)
    if wish is None:
        return []  # a missing or unreadable one is found elsewhere
    read = filled.written.get(field, "") or wish.isoformat()
    if wish <= circumstances.day:
        return [not_in_future(wish, circumstances.day, field, read)]
    expected = circumstances.start_days.confirmed(wish, circumstances.day)
    if expected == wish:
        return []
    params = {"expected": expected.isoformat()}
    check = ReviewCheck.ON_SCHEDULE
    return [Finding("start_may_differ", field, read=read, severity=Severity.WARNING, params=params, check=check)]


def not_in_future(wish: date, today: date, field: str, read: str) -> Finding:
    """A wished date that is today or past (S0, S2).

    It stops a submission, but no approval: a date may pass while an application waits, then the next one is taken.
    """
    code = "date_today" if wish == today else "date_past"
    return Finding(code, field, read=read, check=ReviewCheck.DATE_POSSIBLE, blocks=False)


def code_for_additions(code: str, field: str, circumstances: Circumstances) -> tuple[UserCode | None, list[Finding]]:
    """The registered 利用者コード under which IDs are to be added, or the finding that says why not."""
    user_code = circumstances.office.user_code(code)
    if user_code is None:
        return None, [unknown_code(code, field, circumstances.office)]
    gone = abolition_of(code)
    return user_code, already_open(gone, field, code, circumstances, "code_being_abolished")


def enough_numbers(code: str, wanted: Sequence[tuple[Service, int]], field: str, known: Circumstances) -> list[Finding]:
    """Whether so many 識別番号 of each service can still be given under the code."""
    used = known.used_numbers.get(code, frozenset())
    findings = []
    for service in Service:
        count = sum(n for s, n in wanted if s is service)
        left = sum(1 for _ in islice((n for n in numbers(service) if n not in used), count))
        if left < count:
            params = {"left": str(left), "service": service.value}
            findings.append(Finding("too_few_numbers", field, read=str(count), params=params))
    return findings


def enough_mailboxes(wanted: int, field: str, circumstances: Circumstances) -> list[Finding]:
    """The sequence of an office's メールボックスID ends at 99."""
    left = mailboxes_left(circumstances.used_numbers.get(circumstances.office.code, frozenset()))
    return [Finding("too_few_mailboxes", field, read=str(wanted), params={"left": str(left)})] if wanted > left else []
