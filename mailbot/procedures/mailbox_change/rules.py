"""The rules of メールボックスの追加・廃止 (S4; domain, «4. メールボックスの追加・廃止»).  Pure functions."""

from mailbot.model.common_rules import abolition_of, already_open, enough_mailboxes, lookalike, wished_start
from mailbot.model.procedure import Circumstances, Filled, Finding, ReviewCheck


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
    known = {mailbox.id for mailbox in circumstances.office.mailboxes}
    for code in filled.codes("abolished"):
        if code not in known:
            meant = lookalike(code, known)
            registered = ReviewCheck.IDS_REGISTERED
            findings.append(Finding("unknown_mailbox", "abolished", read=code, suggestion=meant, check=registered))
        else:
            findings += already_open(abolition_of(code), "abolished", code, circumstances, "already_abolished")
    return findings + wished_start(filled, circumstances)
