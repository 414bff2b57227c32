"""The rules of 利用者IDの廃止 (S2; domain, «2. 利用者IDの廃止»).  Pure functions."""

from dataclasses import replace

from mailbot.model.common_rules import (
    MOST_ADDED,
    abolition_of,
    addition_to,
    already_open,
    code_for_additions,
    enough_numbers,
    registered_ids,
    unknown_code,
    wished_start,
)
from mailbot.model.contract import service_of_method
from mailbot.model.procedure import Circumstances, Filled, Finding, ReviewCheck, Severity


def subjects(filled: Filled) -> tuple[str, ...]:
    """The abolitions, and an addition to the 利用者コード `added_to`."""
    abolitions = (abolition_of(code) for name in ("user_ids", "user_codes") for code in filled.codes(name))
    return (*abolitions, *((addition_to(filled.text("added_to")),) if filled.counts("added") else ()))


def check(filled: Filled, circumstances: Circumstances) -> list[Finding]:
    """Every problem and warning, in the order of the form."""
    registered, findings = registered_ids(filled.codes("user_ids"), "user_ids", circumstances)
    for one in registered:
        findings += already_open(abolition_of(one.full), "user_ids", one.full, circumstances, "already_abolished")
        findings += _reset_open(one.full, circumstances)
    for code in filled.codes("user_codes"):
        findings += _code(code, filled, circumstances)
    findings += _additions(filled, circumstances)
    nothing = not (filled.codes("user_ids") or filled.codes("user_codes") or any(filled.counts("added").values()))
    if nothing and not any(map(filled.is_unreadable, ("user_ids", "user_codes", "added"))):
        findings.insert(0, Finding("nothing_to_change", "user_ids"))
    return findings + wished_start(filled, circumstances)


def _reset_open(full: str, circumstances: Circumstances) -> list[Finding]:
    """A warning for an open パスワード初期化 of the same ID."""
    found = already_open(full, "user_ids", full, circumstances, "other_application")
    return [replace(f, severity=Severity.WARNING, check=None) for f in found]


def _code(code: str, filled: Filled, circumstances: Circumstances) -> list[Finding]:
    """Check 利用者コードの廃止: with every ID of the code, and for a shared code by every sharing office (S2, 注意)."""
    user_code = circumstances.office.user_code(code)
    if user_code is None:
        return [unknown_code(code, "user_codes", circumstances.office)]
    findings = already_open(abolition_of(code), "user_codes", code, circumstances, "already_abolished")
    findings += already_open(addition_to(code), "user_codes", code, circumstances, "addition_open")
    left = [
        i.full
        for i in user_code.user_ids
        if not i.abolished(circumstances.day) and i.full not in filled.codes("user_ids")
    ]
    if left:
        findings.append(Finding("ids_left", "user_codes", read=code, params={"ids": "、".join(left)}))
    if filled.text("added_to") == code and filled.counts("added"):
        findings.append(Finding("added_to_abolished", "added_to", read=code))
    waiting = circumstances.waiting_for.get(code, ())
    if waiting:
        params = {"offices": "、".join(waiting)}
        # The submission is possible; the approval only after every sharing office has applied (S2, 注意).
        check, warning = ReviewCheck.SHARING_OFFICES_APPLIED, Severity.WARNING
        findings.append(Finding("shared_code", "user_codes", code, "", warning, params, check, blocks=True))
    return findings


def _additions(filled: Filled, circumstances: Circumstances) -> list[Finding]:
    counts, code = filled.counts("added"), filled.text("added_to")
    if not counts:
        return [Finding("count_needed", "added", read=code)] if code and not filled.written.get("added") else []
    if not code:
        return [] if filled.written.get("added_to") else [Finding("code_needed", "added_to")]
    if max(counts.values()) > MOST_ADDED:
        return [Finding("too_many_added", "added", read=str(max(counts.values())), params={"most": str(MOST_ADDED)})]
    user_code, findings = code_for_additions(code, "added_to", circumstances)
    if user_code is not None:
        wanted = [(service_of_method(method), number) for method, number in counts.items()]
        findings += enough_numbers(code, wanted, "added", circumstances)
    return findings
