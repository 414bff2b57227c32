"""No line of what the desk sends decides or asks anything, whatever people have written (T-38)."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model.application import Revision, Step
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import Addressee
from mailbot.model.people import Language, Role
from mailbot.model.procedure import Filled, Finding
from mailbot.notice_samples.all_samples import ALL, writer, written
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.applicant import Draft, Withdrawn
from mailbot.notices.contents.reviewers import DecisionMade, ReviewRequest
from tests.testkit.notices import reading, samples
from tests.testkit.tables import each_row


@each_row("name, language", ALL)
def test_samples(name: str, language: Language) -> None:
    words = written(name, language)
    lines = words.text.split("\n") + reading.html_lines(words.html)
    assert not [line for line in lines if reading.is_keyword(line)]


def test_the_test_would_notice() -> None:
    assert reading.is_keyword(" 【承認】。")
    assert not reading.is_keyword("「承認」とだけ書いた行")


# Keywords in every shape that could come to stand alone: by line breaks, by long words around them, by blanks.
hostile = st.lists(
    st.sampled_from(["承認", "approve", "取下げ", "\n", "\r", "\r\n", "\u2028", "x" * 80, " ", "　", "、", "あ" * 33]),
    max_size=12,
).map("".join)


@settings(max_examples=40, deadline=None)
@given(value=hostile, words=hostile, read=hostile, name=hostile)
def test_hostile_values(value: str, words: str, read: str, name: str) -> None:
    filled = Filled({**samples.FILLED.values, "reason": value, "remarks": value, "contact_department": value})
    step = Step(Event.ASK, State.NEEDS_CONFIRMATION, samples.SUBMITTED, samples.TARO, 1, words)
    contact = replace(samples.CONTACT, name=name, department=value)
    application = replace(
        samples.RECEIVED, revision=Revision(1, filled, contact, samples.SUBMITTED), steps=(*samples.STEPS, step)
    )
    case = samples.case(application)
    to = Addressee(Role.CONTACT, contact.email, name, value, Language.JA)
    judge = samples.reviewer(Language.EN)
    findings = [Finding("unknown_user_code", "user_ids", read), Finding("given_twice", "reason", read)]
    by = replace(samples.TARO, name=name)
    written = [
        writer().write(ReviewRequest(case=case, checks=samples.CHECKS), judge, samples.REPLY),
        writer().write(Draft(case=case, findings=findings, form="", unknown_lines=[read]), to),
        writer().write(DecisionMade(case=case, event=Event.HOLD, by=by, words=words), judge),
        writer().write(Withdrawn(case=case, by=by), to),
        writer().write(Answer(topic="reviewer_not_understood", params={"read": read}, case=case), to),
    ]
    for one in written:
        assert not [line for line in one.text.split("\n") if reading.is_keyword(line)]
