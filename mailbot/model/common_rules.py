"""Rules shared by procedures: registered IDs and codes, open applications, 利用開始希望日, available numbers.

Notation of subjects (`Procedure.subjects`), by which conflicting applications are found: `X` is the password of the
利用者ID or メールボックスID X; `-X` the abolition of X (利用者ID, 利用者コード or メールボックスID); `+X` an addition
under the code X.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice

from mailbot.model.contract import Office, Service, UserCode, UserId
from mailbot.model.numbering import mailboxes_left, numbers
from mailbot.model.procedure import Circumstances, Filled, Finding, ReviewCheck, Severity

# Characters that are mistaken for each other (O and 0: FAQ of the NACCS Center).
_LOOKALIKES = str.maketrans("O0I1", "0O1I")
MOST_ADDED = 99  # additions of one kind in one application


def abolition_of(code: str) -> str:
    """The subject of an abolition of a 利用者ID, 利用者コード or メールボックスID."""
    return f"-{code}"


def addition_to(code: str) -> str:
    """The subject of an addition under a 利用者コード (or 事業所コード)."""
    return f"+{code}"


def registered_ids(
    codes: Iterable[str], field: str, circumstances: Circumstances
) -> tuple[list[UserId], list[Finding]]:
    """The registered 利用者ID among `codes`, and findings for those not registered or not in use."""
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


def registered_mailboxes(
    codes: Iterable[str], field: str, circumstances: Circumstances
) -> tuple[list[str], list[Finding]]:
    """The registered メールボックスID among `codes`, and findings for the others.

    An abolished mailbox has left the register; one of another office is not registered for this one.
    """
    known = [mailbox.id for mailbox in circumstances.office.mailboxes]
    registered, findings = [], []
    for code in codes:
        if code in known:
            registered.append(code)
        else:
            meant, check = lookalike(code, known), ReviewCheck.IDS_REGISTERED
            findings.append(Finding("unknown_mailbox", field, read=code, suggestion=meant, check=check))
    return registered, findings


def _unknown_id(full: str, field: str, office: Office) -> Finding:
    """The finding for an ID that is not registered: which part is wrong, and what was probably meant.

    It is the same for an ID of another office, so that the IDs of others cannot be probed.
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
    """The finding for a 利用者コード that is not registered for the office.  `user_id`: the ID it is part of, or ""."""
    meant = lookalike(code, (u.code for u in office.user_codes))
    params = {"user_id": user_id or code}
    registered = ReviewCheck.IDS_REGISTERED
    return Finding("unknown_user_code", field, read=code, suggestion=meant, params=params, check=registered)


def lookalike(written: str, known: Iterable[str]) -> str:
    """The only known code that differs from `written` in O/0 and I/1 alone; "" when there is none or several."""
    candidates = {k for k in known if len(k) == len(written) and all(map(_looks_alike, k, written))}
    return candidates.pop() if len(candidates) == 1 else ""


def _looks_alike(a: str, b: str) -> bool:
    return a == b or a.translate(_LOOKALIKES) == b


def already_open(subject: str, field: str, read: str, circumstances: Circumstances, code: str) -> list[Finding]:
    """The finding `code` when another application has the same subject."""
    receipts = circumstances.open_elsewhere.get(subject, ())
    params, check = {"receipts": "、".join(receipts)}, ReviewCheck.NO_OTHER_APPLICATION
    return [Finding(code, field, read=read, params=params, check=check)] if receipts else []


def wished_start(filled: Filled, circumstances: Circumstances, field: str = "wished_start") -> list[Finding]:
    """Check 利用開始希望日: today and the past are a problem, a day that is not on the schedule is a warning (S2)."""
    wish = filled.day(field)
    if wish is None:
        return []  # missing or unreadable: reported by the form reader
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
    """The finding for a wished date that is today or past (S0, S2).

    It prevents a submission, but not an approval: if the date passes during the review, a later one is confirmed.
    """
    code = "date_today" if wish == today else "date_past"
    return Finding(code, field, read=read, check=ReviewCheck.DATE_POSSIBLE, blocks=False)


def code_for_additions(code: str, field: str, circumstances: Circumstances) -> tuple[UserCode | None, list[Finding]]:
    """The 利用者コード under which IDs are to be added, None when it is not registered, and the findings about it."""
    user_code = circumstances.office.user_code(code)
    if user_code is None:
        return None, [unknown_code(code, field, circumstances.office)]
    abolition = abolition_of(code)
    return user_code, already_open(abolition, field, code, circumstances, "code_being_abolished")


def enough_numbers(code: str, wanted: Sequence[tuple[Service, int]], field: str, known: Circumstances) -> list[Finding]:
    """Check that enough unused 識別番号 of each service are left under the code.  `wanted`: (service, count)."""
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
    """Check that `wanted` sequences of メールボックスID are left for the office: the last one is 99."""
    left = mailboxes_left(circumstances.used_numbers.get(circumstances.office.code, frozenset()))
    return [Finding("too_few_mailboxes", field, read=str(wanted), params={"left": str(left)})] if wanted > left else []
