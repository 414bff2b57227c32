"""What people wrote is shown, never run: not as a template (T-83), not as HTML, not as a header (T-82)."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from lxml import html

from mailbot.model.application import Application, Revision
from mailbot.model.notice import RenderedNotice
from mailbot.model.people import Language
from mailbot.model.procedure import Filled
from mailbot.notice_samples.all_samples import writer
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.applicant import NeedsConfirmation, Received, Withdrawn
from tests.testkit.notices import samples

TEMPLATE = "{{7*7}} {% raw %} {# x #} {0.__class__} %s ${x}"
MARKUP = '</td></table><script>alert(1)</script><a href="javascript:x">&amp;"\''


def _application(value: str) -> Application:
    filled = Filled({**samples.FILLED.values, "reason": value, "contact_name": value})
    contact = replace(samples.CONTACT, name=value, department=value)
    return replace(samples.RECEIVED, revision=Revision(1, filled, contact, samples.SUBMITTED))


def _written(value: str, language: Language = Language.JA) -> list[RenderedNotice]:
    application = _application(value)
    to = replace(samples.contact(language), name=value, department=value)
    return [
        writer().write(Received(case=samples.case(application)), to),
        writer().write(
            NeedsConfirmation(case=samples.case(application), words=value, form=value, answer_by=date(2026, 12, 7)), to
        ),
        writer().write(
            Answer(topic="reviewer_not_understood", params={"read": value}, case=samples.case(application)), to
        ),
    ]


@pytest.mark.parametrize("language", Language)
def test_a_value_is_no_template(language: Language) -> None:
    for words in _written(TEMPLATE, language):
        assert TEMPLATE in words.text
        assert "49" not in words.text.replace("2600001C", "")
        assert TEMPLATE in html.fromstring(words.html).text_content()


def test_a_value_is_no_markup() -> None:
    for words in _written(MARKUP):
        page = html.fromstring(words.html)
        assert not page.xpath("//script")
        assert not page.xpath("//a[starts-with(@href, 'javascript')]")
        assert MARKUP in page.text_content()
        assert MARKUP in words.text


def test_invisible_and_control_characters_are_shown() -> None:
    for words in _written("通\u202e関\x07\u200b太郎"):
        for part in (words.text, words.html):
            assert "通\\u{202e}関\\x07\\u{200b}太郎" in part
            assert not set(part) & set("\u202e\x07\u200b")


def test_the_written_form_of_a_kanji_stays() -> None:
    assert "葛\U000e0100城" in _written("葛\U000e0100城")[0].text


def test_the_subject_is_one_line() -> None:
    procedure = replace(samples.PROCEDURE, titles=dict.fromkeys(Language, "A\r\nBcc: x@y.example\u2028B"))
    case = replace(samples.case(samples.RECEIVED), procedure=procedure)
    subject = writer().write(Received(case=case), samples.contact(Language.JA)).subject
    assert subject == "【受付完了】A Bcc: x@y.example\\x2028Bの申込を受け付けました [2600001C]"


def test_a_value_that_nobody_gave_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "notices"
    folder.mkdir()
    (folder / "withdrawn.ja.j2").write_text("{% extends frame %}{% block lead %}{{ no_such_value }}{% endblock %}")
    writer = samples.make_writer(tmp_path)
    with pytest.raises(UndefinedError, match="no_such_value"):
        writer.write(Withdrawn(case=samples.case(samples.WITHDRAWN), by=samples.TARO), samples.contact(Language.JA))


def test_a_topic_needs_no_params() -> None:
    """Whatever an answer may be told, it can be written without: nothing raises in the middle of a mail."""
    for file in (samples.TEMPLATES / "answers").glob("*.ja.j2"):
        topic = file.name.split(".")[0]
        if topic in ("not_possible", "review_status", "reviewer_not_understood"):
            continue  # these are about an application, and say so
        assert writer().write(Answer(topic=topic), samples.contact(Language.JA)).text
