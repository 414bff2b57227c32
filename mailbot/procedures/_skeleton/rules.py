"""The rules of 新しい手続.  Pure functions."""

from mailbot.model.procedure import Circumstances, Filled, Finding


def check(filled: Filled, circumstances: Circumstances) -> list[Finding]:
    """Every problem, warning and hint, in the order of the form; the form reader reports missing and too long values.

    A finding's `code` needs a macro of the same name in words/findings.ja.j2 and words/findings.en.j2.
    """
    del circumstances
    reason = filled.text("reason").strip()
    return [Finding("reason_too_short", "reason", read=reason)] if 0 < len(reason) < 2 else []
