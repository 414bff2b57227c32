"""What operators read in their lists and alerts is in words: every code that can stand there has some."""

import re

import pytest

from mailbot.desk.inquiries.of_known_people import OF_PEOPLE
from mailbot.desk.outgoing import alerts
from mailbot.model.people import Language
from mailbot.model.queued_mail import Disposition, OutboxState
from mailbot.model.reasons import REASONS
from mailbot.model.undelivered import Undelivered
from mailbot.notice_samples.all_samples import writer

ALERTED = {"token-of-another-person", "not-a-reviewer", "not-an-operator", "concern-of-stranger", "challenge-denied"}
ALERTED |= {"for-postmaster"} | {cause for cause in alerts._ONCE if cause != "newcomer"}


@pytest.mark.parametrize("language", Language)
def test_every_code_has_words(language: Language) -> None:
    names = writer()._renderer._text.get_template(f"names.{language}.j2").module
    assert set(names.reasons) == OF_PEOPLE | {"surprise", "kept-failing"} | ALERTED
    assert set(names.reasons) - {"too-much-cpu-time"} <= set(REASONS)
    assert set(names.undelivered) == {one.value for one in Undelivered}
    states = {one.value for one in OutboxState} - {"unwritten"}
    assert set(names.became) == {one.value for one in Disposition} | states
    if language is Language.JA:
        words = [*names.reasons.values(), *names.undelivered.values(), *names.became.values()]
        assert all(re.search("[ぁ-ん一-龥]", one) for one in words)
