"""The rules of 通関士IDの追加 (S3; domain, «3. 通関士IDの追加»).  Pure functions."""

import re

from mailbot.model.common_rules import MOST_ADDED, addition_to, code_for_additions, enough_numbers, wished_start
from mailbot.model.contract import service_of_method
from mailbot.model.procedure import Circumstances, Filled, Finding

BROKERAGE = "通関業"  # the 業種 of customs brokers
UTB_LENGTH = 5  # characters of the field on the UTB screen (S3)
_BADGE = re.compile(r"[0-9A-Z]+(?:-[0-9A-Z]+)?")


def subjects(filled: Filled) -> tuple[str, ...]:
    """An addition under the 利用者コード."""
    return (addition_to(filled.text("user_code")),)


def utb_number(badge: str) -> str:
    """通関士証票番号 as entered on the UTB screen; "" when it is too long.

    `035`, `12345` and `12-97` are unchanged, a longer one becomes the part after the hyphen: `12-7896` → `7896` (S3).
    """
    if len(badge) <= UTB_LENGTH:
        return badge
    behind = badge.partition("-")[2]
    return behind if 0 < len(behind) <= UTB_LENGTH else ""


def check(filled: Filled, circumstances: Circumstances) -> list[Finding]:
    """Every problem and warning, in the order of the form."""
    findings: list[Finding] = []
    code, counts = filled.text("user_code"), filled.counts("added")
    if code:
        user_code, findings = code_for_additions(code, "user_code", circumstances)
        if user_code is not None and user_code.business != BROKERAGE:
            params = {"business": user_code.business, "expected": BROKERAGE}
            findings.append(Finding("not_a_brokerage", "user_code", read=code, params=params))
    if counts and max(counts.values()) > MOST_ADDED:
        findings.append(
            Finding("too_many_added", "added", read=str(max(counts.values())), params={"most": str(MOST_ADDED)})
        )
    elif counts and not findings:
        wanted = [(service_of_method(method), number) for method, number in counts.items()]
        findings += enough_numbers(code, wanted, "added", circumstances)
    return findings + _badges(filled, sum(counts.values())) + wished_start(filled, circumstances)


def _badges(filled: Filled, added: int) -> list[Finding]:
    findings = []
    badges = filled.codes("badges")
    for badge in badges:
        if not _BADGE.fullmatch(badge):
            findings.append(Finding("badge_unreadable", "badges", read=badge))
        elif not utb_number(badge):
            findings.append(Finding("badge_too_long", "badges", read=badge, params={"most": str(UTB_LENGTH)}))
    if added and len(badges) > added:
        params = {"badges": str(len(badges)), "added": str(added)}
        findings.append(Finding("too_many_badges", "badges", read="、".join(badges), params=params))
    return findings
