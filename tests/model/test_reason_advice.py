"""Every reason code says what an operator does about it."""

from mailbot.model.queued_mail import Disposition
from mailbot.model.reason_advice import advice, unknown_codes
from mailbot.model.reasons import REASONS


def test_every_code_has_a_meaning() -> None:
    assert [
        code for code, one in REASONS.items() if len(one.meaning) < 15 or not one.meaning.endswith((".", ")."))
    ] == []


def test_every_code_has_an_advice_and_no_advice_is_left_over() -> None:
    assert [code for code in REASONS if not advice(code).endswith((".", ")."))] == []
    assert unknown_codes() == set()


def test_a_quarantined_mail_is_never_just_left() -> None:
    """What waits for an operator names a command, a person to ask, or when nothing is to be done."""
    quarantined = [code for code, one in REASONS.items() if one.disposition is Disposition.QUARANTINED]
    assert [code for code in quarantined if advice(code) == "Nothing."] == []
