"""What each notice must say (specification of the life-cycle, «Notices to the applicant side»)."""

import re
from dataclasses import replace
from itertools import product

import pytest

from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import Addressee
from mailbot.model.people import Language
from mailbot.notice_samples.all_samples import writer, written
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.applicant import Completed, Lapsed
from mailbot.notices.contents.reviewers import DecisionMade
from mailbot.notices.values import WhereToSee
from tests.testkit.notices import samples
from tests.testkit.tables import each_row

JA = Language.JA


def _flat(text: str) -> str:
    return text.replace("\n", "")


def test_received() -> None:
    words = written("received", JA)
    assert words.subject == "【受付完了】パスワード初期化の申込を受け付けました [2600001C]"
    for part in (words.text, re.sub("<[^>]*>", "", words.html)):
        for said in (
            "2026年11月20日（金）",
            "2600001C",
            "1BNACA01（インタ・POP3併用）",
            "2026年11月30日（月）",
            "11月24日（火）以降",
        ):
            assert said in part
        assert "URY業務の「I」" in part


@pytest.mark.parametrize(
    "tag, name", [("確認依頼", "needs_confirmation"), ("確認完了", "completed"), ("審査依頼", "review_request")]
)
@pytest.mark.parametrize("language", Language)
def test_subjects_are_stable(tag: str, name: str, language: Language) -> None:
    subject = written(name, language).subject
    assert subject.startswith(f"【{tag}】")
    assert subject.endswith(" [2600001C]")


@pytest.mark.parametrize("language", Language)
def test_a_draft_has_no_number(language: Language) -> None:
    subject = written("draft", language).subject
    assert subject.startswith("【入力不備】")
    assert "[" not in subject


def test_completed_says_until_when_and_what_to_do() -> None:
    text = written("completed", JA).text
    assert "今回発行したパスワードの確認可能期間は、本メール受信日から3営業日となります。" in text
    assert "確認可能期間の最終日：2026年11月25日（水）" in text
    assert (
        "再発行したパスワードはそのまま使用せず、必ずNACCSの「利用者情報登録(URY)」業務にて変更してください。" in text
    )
    text = _flat(text)
    for said in ("R0004", "R0003", "R0001", "S0001", "平日0：00～23：00", "過去3世代", "6桁から8桁"):
        assert said in text


def test_where_to_see_the_password() -> None:
    case, to = samples.case(samples.COMPLETED), samples.contact(JA)
    by_phone = writer().write(Completed(case=case), to).text
    assert "03-0000-1234" in by_phone
    on_page = writer().write(Completed(case=case, see=WhereToSee(url="https://desk.example/ids")), to)
    assert "https://desk.example/ids" in on_page.text
    assert 'href="https://desk.example/ids"' in on_page.html
    assert "ご照会ください" in by_phone
    assert "ご照会ください" not in on_page.text


def test_review_requests_open_ready_replies() -> None:
    html = written("review_request", JA).html
    assert f'"mailto:{samples.REPLY}?subject=Re%3A%20%5B2600001C%5D&amp;body=%E6%89%BF%E8%AA%8D%0D%0A"' in html


def test_reviewers_are_not_addressed_by_the_applicant_s_company() -> None:
    text = written("review_request", JA).text
    assert text.split("\n")[2] == "審査　一郎 様"


@pytest.mark.parametrize(
    "to, line",
    [
        (samples.contact(JA), "ナックス商事株式会社　第一営業所　通関　太郎 様"),
        (samples.administrator(JA), "ナックス商事株式会社　第一営業所　管理責任者　管理　花子 様"),
        (replace(samples.contact(JA), name="", department=""), "ナックス商事株式会社　第一営業所　ご担当者 様"),
    ],
)
def test_the_person_is_named_at_the_top(to: Addressee, line: str) -> None:
    assert writer().write(Lapsed(case=samples.case(samples.LAPSED)), to).text.split("\n")[0] == line


def test_applicants_do_not_see_what_reviewers_note() -> None:
    application = replace(samples.HELD, steps=(*samples.HELD.steps, samples.STEPS[1]))
    applicant = (
        writer().write(Answer(topic="status", params={"cases": [samples.case(application)]}), samples.contact(JA)).text
    )
    judge = writer().write(Answer(topic="review_status", case=samples.case(application)), samples.reviewer(JA)).text
    assert "書類の到着待ち" not in applicant
    assert "書類の到着待ち" in judge


def test_a_failed_correction_leaves_the_application_as_it_was() -> None:
    words = written("draft_correction", JA)
    assert words.subject.endswith("[2600001C]")
    assert "修正前の内容のまま有効" in _flat(words.text)


def test_a_decision_is_told_in_the_right_person() -> None:
    case = samples.case(samples.COMPLETED)
    mine = writer().write(DecisionMade(case=case, event=Event.APPROVE, by=samples.ICHIRO), samples.reviewer(JA)).text
    other = replace(samples.reviewer(JA), email="jiro@desk.example")
    theirs = writer().write(DecisionMade(case=case, event=Event.APPROVE, by=samples.ICHIRO), other).text
    assert "ご返信いただいた「承認」を反映しました" in mine
    assert "審査担当者　審査　一郎 様による「承認」を反映しました" in _flat(theirs)


@each_row("state, event, language", [*product(State, Event, Language)])
def test_every_state_and_event_has_a_name(state: State, event: Event, language: Language) -> None:
    params = {"event": event, "state": state, "possible": (event,)}
    case = samples.case(replace(samples.RECEIVED, state=state))
    assert writer().write(Answer(topic="not_possible", params=params, case=case), samples.contact(language)).subject


def test_a_start_date_that_differs_stands_beside_the_wished_one() -> None:
    assert (
        "利用開始日（適用日）　　　　：2026年12月10日（木）\nご希望の日　　　　　　　　　：2026年12月9日（水）"
        in written("completed_mailbox_change", JA).text
    )
    assert "ご希望の日" not in written("completed_broker_id_addition", JA).text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("decision_asked", "識別番号A01のご契約者様の確認書類をお送りください。"),
        ("decision_held", "書類の到着待ち"),
        ("taken_back", "通関士証票番号の確認が済んでいませんでした。"),
        ("review_request_taken_back", "通関士証票番号の確認が済んでいませんでした。"),
        ("review_request_corrected", "第一営業所"),
        ("received_corrected", "NACCS登録希望日"),
    ],
)
def test_nothing_is_said_twice(name: str, words: str) -> None:
    assert len(re.findall(f"(?<![変更]){words}(?!コード)", written(name, JA).text)) == 1


def test_days_are_not_broken_in_html() -> None:
    assert '<span class="n">2026年11月20日（金）</span>' in written("received", JA).html
