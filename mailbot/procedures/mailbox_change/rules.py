"""The rules of メールボックスの追加・廃止 (S4; domain, «4. メールボックスの追加・廃止»).  Pure functions."""

from mailbot.model.common_rules import (
    abolition_of,
    already_open,
    enough_mailboxes,
    registered_mailboxes,
    wished_start,
)
from mailbot.model.procedure import Circumstances, Filled, Finding


def subjects(filled: Filled) -> tuple[str, ...]:
    """The mailboxes that are to be abolished."""
    return tuple(abolition_of(code) for code in filled.codes("abolished"))


def check(filled: Filled, circumstances: Circumstances) -> list[Finding]:
    """Every problem and warning, in the order of the form."""
    findings: list[Finding] = []
    added = filled.number("mail") + filled.number("edifact")
    unreadable = any(map(filled.is_unreadable, ("mail", "edifact", "abolished")))
    if not added and not filled.codes("abolished") and not unreadable:
        findings.append(Finding("nothing_to_change", "mail"))
    findings += enough_mailboxes(added, "mail" if filled.number("mail") else "edifact", circumstances)
    registered, unknown = registered_mailboxes(filled.codes("abolished"), "abolished", circumstances)
    findings += unknown
    for code in registered:
        findings += already_open(abolition_of(code), "abolished", code, circumstances, "already_abolished")
    return findings + wished_start(filled, circumstances)
