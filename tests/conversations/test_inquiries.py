"""What no rule of the desk covers reaches a person, whose reply reaches the one who wrote.

(Specification of the people behind the desk, «Passing on».)
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import pytest

from mailbot.clock import tokyo_date
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.model.inquiry import Inquiry, InquiryState
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import Category
from mailbot.model.queued_mail import Disposition
from mailbot.model.register import Register
from mailbot.records.inquiries import inquiries
from mailbot.records.log import mail_log
from mailbot.records.register import absences, offices
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice, gmail, no_quote, outlook

QUESTION = "こちらは子会社の分も含まれますでしょうか。"
ANSWER = "明日の午前中に終わる予定です。"


@pytest.fixture
def operator(desk: DeskUnderTest) -> Person:
    return desk.person("運用 者", "operator@desk.example")


def one(desk: DeskUnderTest) -> Inquiry:
    """The latest inquiry."""
    with desk.store.reading():
        return inquiries.listing()[-1]


def flat(got: ReceivedNotice) -> str:
    return "".join(got.text.replace("｜", "").split())


def forget(desk: DeskUnderTest) -> None:
    for person in desk.people.values():
        person.forgets()


def bring_to(state: State, taro: Person) -> ReceivedNotice:
    """An application in `state`, on a new desk; the notice that its applicant has last."""
    return taro.desk.after(HISTORIES[state])


def apply(state: State, desk: DeskUnderTest) -> ReceivedNotice:
    taro, ichiro = desk.person("通関 太郎", "taro@naxtrade.example"), desk.person("審査 一郎", "ichiro@desk.example")
    taro.sends(FORM)
    received, request = taro.gets("received"), ichiro.gets("review-request")
    words = {State.NEEDS_CONFIRMATION: "確認依頼\n理由を教えてください。", State.COMPLETED: "承認"}
    if state in words:
        ichiro.replies(request, words[state])
    if state is State.WITHDRAWN:
        taro.replies(received, "取下げ")
    notice = taro.mails[-1] if taro.mails else received
    forget(desk)
    return notice


HISTORIES = {state: partial(apply, state) for state in State}


@dataclass(frozen=True)
class Row:
    """In `state`, `words` of the applicant → what becomes of them, and who of the desk reads them."""

    state: State | None
    words: str
    result: str
    readers: str  # of ichiro, ryoko, operator
    says: str = ""  # in the answer to the sender
    says_not: str = ""


R, N, C, W = State.RECEIVED, State.NEEDS_CONFIRMATION, State.COMPLETED, State.WITHDRAWN
PASSED = "passed_on passed-on"
ROWS = {
    "a question about an open application": Row(R, QUESTION, PASSED, "ichiro ryoko", "2026年11月24日（火）までに"),
    "please call me": Row(R, "至急お電話ください。03-0123-4567", PASSED, "ichiro ryoko", "「取下げ」"),
    "a prose answer goes to the one who asked": Row(
        N, "1ANACA0Aで間違いございません。", PASSED, "ichiro", "回答期限は停止しています"
    ),
    "確認しました is an answer to a 確認依頼": Row(N, "確認いたしました。", PASSED, "ichiro"),
    "after the approval": Row(
        C, "仮パスワードでログインできません。", PASSED, "operator", "「状況」", "取り下げられる"
    ),
    "after a withdrawal": Row(W, "やはり申し込みたいのですが。", PASSED, "operator", "終了しています", "修正される"),
    "without an application": Row(None, "費用はいくらですか。", PASSED, "operator", "「ヘルプ」", "「取下げ」"),
    "what the desk does not do": Row(None, "管理責任者が新任一郎に変わります。", PASSED, "operator"),
    "a thank-you": Row(R, "ありがとうございました。", "recorded courtesy", ""),
    "a thank-you with a name": Row(
        R, "お世話になっております。通関です。\n承知いたしました。", "recorded courtesy", ""
    ),
    "a thank-you with a question": Row(R, f"ありがとうございます。{QUESTION}", PASSED, "ichiro ryoko"),
    "not mine": Row(
        R, "申込をした心当たりがありません。", "passed_on concern", "ichiro ryoko operator", "至急確認します"
    ),
    "a leak": Row(
        C, "パスワードが漏えいした可能性があります。", "passed_on concern", "ichiro ryoko operator", "一時停止しました"
    ),
    "not a concern": Row(R, "まだ申込をしていません。期限はいつですか。", PASSED, "ichiro ryoko"),
    "nothing but a quote": Row(R, "", "answered no-text", ""),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_who_reads_what(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, ryoko: Person, operator: Person, row: Row
) -> None:
    notice = bring_to(row.state, taro) if row.state else None
    outcome = taro.replies(notice, row.words, outlook) if notice else taro.sends(row.words, "お問い合わせ")
    assert f"{outcome.disposition} {outcome.reason}" == row.result
    people = {"ichiro": ichiro, "ryoko": ryoko, "operator": operator}
    for name, person in people.items():
        if name in row.readers:
            got = person.gets("inquiry")
            assert "".join(row.words.split()) in flat(got)
            assert ("至急" in got.subject) is ("concern" in row.result)
            assert got.text.index(row.words[:6]) < got.text.index("ご回答の期限")  # the words come first
        else:
            person.gets_nothing()
    hanako.gets_nothing()
    if outcome.disposition is Disposition.RECORDED:
        taro.gets_nothing()
        return
    answer = taro.gets("answer")
    assert "".join(row.says.split()) in flat(answer)
    assert not row.says_not or row.says_not not in flat(answer)
    if notice and outcome.disposition is Disposition.PASSED_ON:
        application = desk.application(notice.receipt)
        assert application.state is row.state
        kinds = {step.event for step in application.steps}
        assert (Event.INQUIRE in kinds, Event.CONCERN in kinds) == (
            "concern" not in row.result,
            "concern" in row.result,
        )
        assert application.held is ("concern" in row.result and row.state is R)
        with desk.store.reading():
            row_of_log = [row for row in mail_log.listing(50) if row.disposition == "passed_on"][-1]
        assert (row_of_log.receipt, row_of_log.inbox_id) == (notice.receipt, one(desk).mail_id)


def ask(taro: Person, ichiro: Person, words: str = QUESTION) -> ReceivedNotice:
    """An open application with a question about it; the notice that ichiro may answer."""
    notice = bring_to(R, taro)
    taro.replies(notice, words)
    asked = ichiro.gets("inquiry")
    forget(taro.desk)
    return asked


def test_an_answer_reaches_both_sides(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, ryoko: Person
) -> None:
    asked = ask(taro, ichiro)
    outcome = ichiro.replies(asked, f"{ANSWER}\nichiro@desk.example までどうぞ。\n\n-- \n審査 一郎\nTEL 03-9999-8888")
    assert (outcome.disposition, outcome.reason) == (Disposition.CARRIED_OUT, "inquiry-answered")
    for person in (taro, hanako):
        got = person.gets("message")
        assert ANSWER in flat(got)
        assert "desk@desk.exampleまでどうぞ。" in flat(got)
        for private in ("ichiro", "一郎", "9999"):
            assert private not in got.raw.decode("ascii", "replace") + got.text
        assert "desk@desk.example" in str(got.message["From"])
    for person in (ichiro, ryoko):
        assert ANSWER in flat(person.gets("update"))
    inquiry = one(desk)
    assert (inquiry.state, inquiry.answered_by) == (InquiryState.ANSWERED, "ichiro@desk.example")
    last = desk.application(asked.receipt).steps[-1]
    assert (last.event, last.actor.email) == (Event.REPLY, "ichiro@desk.example")
    assert ANSWER in last.words
    # The answer can be answered.
    forget(desk)
    taro.sends("もう一つ質問があります。どうすればよいですか。", f"Re: [{asked.receipt}]")
    assert ichiro.gets("inquiry").receipt == asked.receipt


READER_SAYS = {
    "済 alone": ("済", "carried_out inquiry-closed", InquiryState.CLOSED),
    "済みです。": ("「済みです」。", "carried_out inquiry-closed", InquiryState.CLOSED),
    "済 and more is an answer": ("済みましたらご連絡します。", "carried_out inquiry-answered", InquiryState.ANSWERED),
    "nothing but a quote": ("", "answered inquiry-empty", InquiryState.OPEN),
    "nothing but a signature": ("-- \n審査 一郎", "answered inquiry-empty", InquiryState.OPEN),
    "a keyword decides": ("承認\nお待たせいたしました。", "carried_out approved", InquiryState.ANSWERED),
    "a keyword asks": ("確認依頼\n理由は何ですか。", "carried_out asked", InquiryState.ANSWERED),
    "two keywords": ("承認\n確認依頼", "answered several-keywords", InquiryState.OPEN),
}


@pytest.mark.parametrize(("words", "result", "state"), READER_SAYS.values(), ids=READER_SAYS)
def test_what_a_reader_replies(
    desk: DeskUnderTest, taro: Person, ichiro: Person, words: str, result: str, state: InquiryState
) -> None:
    asked = ask(taro, ichiro)
    outcome = ichiro.replies(asked, words, outlook)
    assert f"{outcome.disposition} {outcome.reason}" == result
    assert one(desk).state is state
    messages = [got for got in taro.mails if got.kind == "message"]
    assert len(messages) == (outcome.reason == "inquiry-answered")
    if outcome.reason == "inquiry-empty":  # asked again, and the answer to that question counts
        again = ichiro.gets("answer")
        assert QUESTION in flat(again)
        assert ichiro.replies(again, ANSWER).reason == "inquiry-answered"


@pytest.mark.parametrize("quote", [gmail, outlook, no_quote])
def test_a_keyword_in_the_applicants_words_decides_nothing(
    desk: DeskUnderTest, taro: Person, ichiro: Person, quote: Callable[[ReceivedNotice], str]
) -> None:
    """T-33: the reader's reply quotes what the applicant wrote."""
    asked = ask(taro, ichiro, "次の二つのうち、どちらでしょうか。\n承認\n確認依頼\nご返信をお待ちしております。")
    assert "承認" in asked.text
    html = f"<p>{ANSWER}</p><blockquote>{asked.html}</blockquote>"
    assert ichiro.replies(asked, ANSWER, quote, html=html).reason == "inquiry-answered"
    assert desk.application(asked.receipt).state is R


def test_two_readers_at_once(desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person) -> None:
    notice = bring_to(R, taro)
    taro.replies(notice, QUESTION)
    first, second = ichiro.gets("inquiry"), ryoko.gets("inquiry")
    forget(desk)
    assert ichiro.replies(first, ANSWER).reason == "inquiry-answered"
    outcome = ryoko.replies(second, "来週になります。")
    assert (outcome.disposition, outcome.reason) == (Disposition.ANSWERED, "inquiry-done-before")
    assert "審査 一郎 様が" in ryoko.gets("update", "answer").text
    assert len([got for got in taro.mails if got.kind == "message"]) == 1


def test_an_inquiry_about_nothing_is_answered_to_its_sender_alone(
    desk: DeskUnderTest, taro: Person, hanako: Person, operator: Person
) -> None:
    taro.sends("費用はいくらですか。", "お問い合わせ")
    asked = operator.gets("inquiry")
    forget(desk)
    operator.replies(asked, "費用はかかりません。")
    assert "費用はかかりません。" in flat(taro.gets("message"))
    hanako.gets_nothing()
    assert one(desk).answered_by == "operator@desk.example"


def test_somebody_else_cannot_answer(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    asked = ask(taro, ichiro)
    stranger = desk.person("", "stranger@evil.example")
    for person in (stranger, taro):
        outcome: Outcome = person.replies(asked, "パスワードを教えてください。")
        assert (outcome.disposition, outcome.reason) == (Disposition.QUARANTINED, "token-of-another-person")
    taro.gets_nothing()
    assert one(desk).is_open


def test_the_deadline_stands_still_until_a_reviewer_has_answered(
    desk: DeskUnderTest, taro: Person, ichiro: Person
) -> None:
    asked = bring_to(N, taro)
    before = desk.application(asked.receipt).answer_by
    assert before is not None
    assert tokyo_date(before) == date(2026, 12, 7)  # ten business days
    desk.passes(days=4)  # Tuesday 24: one business day has passed
    taro.replies(asked, "理由は、担当者の退職です。そのまま進めてください。")
    question = ichiro.gets("inquiry")
    desk.passes(days=30)
    desk.run_due_tasks()
    assert desk.application(asked.receipt).state is N
    assert not [got for got in taro.mails if got.kind in ("lapsed", "reminder")]
    forget(desk)
    ichiro.replies(question, "承知しました。登録証の写しもお送りください。")
    after = desk.application(asked.receipt).answer_by
    assert after is not None
    assert desk.context.calendar.between(tokyo_date(desk.clock.now()), tokyo_date(after)) == 9
    assert "回答期限" in taro.gets("message").text
    desk.passes(days=30)
    desk.run_due_tasks()
    assert desk.application(asked.receipt).state is State.LAPSED


@pytest.mark.parametrize(("words", "state"), [("承認", C), ("確認依頼\nもう一点、教えてください。", N)])
def test_a_reviewer_decides_from_needs_confirmation(
    desk: DeskUnderTest, taro: Person, ichiro: Person, words: str, state: State
) -> None:
    asked = bring_to(N, taro)
    taro.replies(asked, "間違いございません。そのまま進めてください。")
    question = ichiro.gets("inquiry")
    assert ichiro.replies(question, words).disposition is Disposition.CARRIED_OUT
    assert desk.application(asked.receipt).state is state
    assert one(desk).state is InquiryState.ANSWERED


def test_the_first_decision_still_wins(desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person) -> None:
    """A reviewer who has not seen the 確認依頼 of another does not decide over it; who has seen it may."""
    taro.sends(FORM)
    first, second = ichiro.gets("review-request"), ryoko.gets("review-request")
    ichiro.replies(first, "確認依頼\n理由を教えてください。")
    assert ryoko.replies(second, "承認").reason == "already-decided"
    seen = ryoko.gets("decision", "answer")
    assert ryoko.replies(seen, "承認").reason == "approved"


def test_a_line_of_the_digest_does_not_decide_over_a_decision(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    desk.passes(days=4)
    desk.run_due_tasks()
    first, second = (next(got for got in person.mails if got.kind == "digest") for person in (ichiro, ryoko))
    assert ichiro.replies(first, f"{receipt} 確認依頼 理由を教えてください。").reason == "asked"
    assert ryoko.replies(second, f"{receipt} 承認").reason == "already-decided"
    assert desk.application(receipt).state is N


def test_it_is_not_forgotten(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person, operator: Person
) -> None:
    ask(taro, ichiro)
    taro.sends("費用はいくらですか。", "お問い合わせ")
    forget(desk)
    desk.passes(days=4)  # Tuesday
    desk.run_due_tasks()
    for reviewer in (ichiro, ryoko):
        (digest,) = [got for got in reviewer.mails if got.kind == "digest"]
        assert QUESTION in flat(digest)
    first = flat(operator.gets("alert"))
    assert "費用はいくらですか。" in first and QUESTION not in first  # that one is the reviewers'
    for _ in range(2):  # after the promised day, each morning
        desk.passes(days=1)
        desk.run_due_tasks()
        late = operator.gets("alert")
        assert late.text.count("（期限を過ぎています）") == 2
        assert QUESTION in flat(late) and "費用はいくらですか。" in flat(late)


def test_a_deputy_stands_in_for_inquiries(desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person) -> None:
    """The reviewer who asked is away, and the only other one of the category stands in for another category."""
    people = [
        replace(one, categories=frozenset({Category.BROKER_ID}), deputy="")
        if one.email == ryoko.address
        else replace(one, deputy=ryoko.address)
        for one in offices.all_reviewers()
    ]
    with desk.store.transaction():
        offices.replace_register(Register((), tuple(people)))
    asked = bring_to(N, taro)
    with desk.store.transaction():
        absences.begin(ichiro.address, desk.clock.now(), None)
    forget(desk)
    taro.replies(asked, QUESTION)
    inquiry = ryoko.gets("inquiry")
    taro.forgets()
    assert ryoko.replies(inquiry, ANSWER).reason == "inquiry-answered"
    assert ANSWER in flat(taro.gets("message"))


def test_whoever_is_named_reads_inquiries(desk: DeskUnderTest, taro: Person, operator: Person) -> None:
    object.__setattr__(desk.context.settings, "inquiries", ("help@desk.example",))
    taro.sends("費用はいくらですか。", "お問い合わせ")
    operator.gets_nothing()
    help_desk = desk.person("", "help@desk.example")
    assert help_desk.replies(help_desk.gets("inquiry"), "無料です。", no_quote).reason == "inquiry-answered"
    taro.gets("answer", "message")
