"""Notices about inquiries: the rest of `samples.py`."""

from dataclasses import replace
from datetime import date

from mailbot.model.application import Actor, Application
from mailbot.model.daily_list import Action, Refusal, Unclear
from mailbot.model.inquiry import Audience, Inquiry, InquiryState
from mailbot.model.lifecycle import possible_events
from mailbot.model.people import Language, Role
from mailbot.model.undelivered import Undelivered
from mailbot.notice_samples import samples
from mailbot.notice_samples.samples import (
    ASKED,
    COMPLETED,
    CONTACT,
    DRAFT,
    FORM,
    FORM_EN,
    HELD,
    RECEIVED,
    REPLY,
    SUBMITTED,
    Sample,
)
from mailbot.notices.contents.answers import Alert, Answer
from mailbot.notices.contents.inquiries import (
    DeskMessage,
    InquiryDone,
    InquiryNotice,
    Measures,
    inquiry_line,
)
from mailbot.notices.contents.operators import FailedLine, LineResult, NewcomerLine, QuarantinedLine
from mailbot.notices.contents.reviewers import Digest

DAY = date(2026, 11, 24)
INQUIRY = Inquiry(
    mail_id=12,
    received_at=SUBMITTED,
    sender=CONTACT.email,
    name=CONTACT.name,
    words="お世話になっております。\nこちらはいつ頃終わりますでしょうか。",
    audience=Audience.REVIEWERS,
    promised_on=DAY,
    application_id=1,
    office="NAC001",
)
ANSWERED = replace(INQUIRY, state=InquiryState.ANSWERED, answered_by="ichiro@desk.example", answered_at=SUBMITTED)
CONCERN = replace(INQUIRY, words="申込をした心当たりがありません。", audience=Audience.EVERYBODY, concern=True)
WORDS = "明日の午前中に終わる予定です。\nご不便をおかけいたします。"


NEWCOMER = NewcomerLine(21, "2026/11/24", "NAC001", "新任　次郎", "jiro@naxtrade.example", "担当者交代のご連絡")
NOT_PROVEN = NewcomerLine(22, "2026/11/24", "NAC002", "", "saburo@example.jp", may_register=False)
QUARANTINED = QuarantinedLine(7, "2026/11/23", "taro@naxtrade.example", "Re: お問い合わせ", "surprise")
UNKNOWN = Undelivered.NO_SUCH_ADDRESS
FAILED = FailedLine(12, "2026/11/22", "hanako@naxtrade.example", "【受付完了】", "550 5.1.1 user unknown", UNKNOWN)
WHOLE_LIST = {"newcomers": [NEWCOMER, NOT_PROVEN], "quarantined": [QUARANTINED], "failed": [FAILED]}
RESULTS = [
    LineResult("お世話になっております。"),
    LineResult("#21 登録して処理", "#21", done=Action.REGISTER, detail="jiro@naxtrade.example"),
    LineResult("n12 再送", "n12", done=Action.RESEND),
    LineResult(
        "#7 破棄",
        "#7",
        refusal=Refusal.DONE_BEFORE,
        by="ops@desk.example",
        at=SUBMITTED,
        detail="discarded",
    ),
    LineResult("#22 登録", "#22", refusal=Refusal.NOT_PROVEN),
    LineResult("8 よろしく", unclear=Unclear.NO_ACTION),
]
EVERY_RESULT = [
    *(LineResult("#7 …", "#7", done=one) for one in Action),
    *(LineResult("#7 …", "#7", unclear=one, detail="NAC001") for one in Unclear),
    *(LineResult("#7 …", "#7", refusal=one) for one in Refusal),
]


def notices(lang: Language) -> dict[str, Sample]:
    """Every notice about an inquiry, by name."""
    to, judge, operator = samples.contact(lang), samples.reviewer(lang), samples.operator(lang)
    office, asked = samples.OFFICE.company, samples.case(ASKED)
    about = InquiryNotice(case=samples.case(RECEIVED), inquiry=INQUIRY, office=office, may_decide=True)
    other = replace(INQUIRY, application_id=None, audience=Audience.DESK)
    lines = [inquiry_line(one, "2600001C", date(2026, 11, 25)) for one in (INQUIRY, CONCERN)]
    return {
        "inquiry": Sample(about, judge, REPLY),
        "inquiry_about_nothing": Sample(
            InquiryNotice(inquiry=other, office=office, subject="お問い合わせ", attached=("写真.jpg",)), operator, REPLY
        ),
        "inquiry_asked": Sample(replace(about, case=asked), judge, REPLY),
        "inquiry_concern": Sample(
            replace(about, case=samples.case(HELD), inquiry=CONCERN, measures=Measures(held=True, paused=True)),
            judge,
            REPLY,
        ),
        "inquiry_concern_not_proven": Sample(
            InquiryNotice(inquiry=replace(CONCERN, application_id=None), measures=Measures(proven=False)),
            operator,
            REPLY,
        ),
        "inquiry_answered": Sample(
            InquiryDone(case=asked, inquiry=ANSWERED, by="審査　一郎", words=WORDS), judge, REPLY
        ),
        "inquiry_closed": Sample(
            InquiryDone(inquiry=replace(ANSWERED, state=InquiryState.CLOSED), by="operator@desk.example"), operator
        ),
        "message": Sample(DeskMessage(words=WORDS, asked=INQUIRY.words), to, REPLY),
        "message_about": Sample(DeskMessage(case=asked, words=WORDS, asked=INQUIRY.words, answer_by=DAY), to, REPLY),
        "digest_inquiries": Sample(Digest(waiting=(), inquiries=lines), judge, REPLY),
    }


def answers(lang: Language) -> dict[str, Sample]:
    """Every answer about an inquiry."""
    to, judge, operator = samples.contact(lang), samples.reviewer(lang), samples.operator(lang)
    by, promised = Actor(Role.REVIEWER, "ichiro@desk.example", "審査　一郎"), {"promised": DAY}
    form = FORM if lang is Language.JA else FORM_EN
    lines = [inquiry_line(one, "2600001C", date(2026, 11, 25)) for one in (INQUIRY, CONCERN)]
    before = {"by": by, "at": SUBMITTED, "state": InquiryState.ANSWERED, "read": INQUIRY.words}
    return {
        "passed_on": Sample(_passed_on(RECEIVED, files=("写真.jpg",)), to),
        "passed_on.asked": Sample(_passed_on(ASKED), to),
        "passed_on.finished": Sample(_passed_on(COMPLETED), to),
        "passed_on.draft": Sample(_passed_on(DRAFT), to),
        "passed_on.about_nothing": Sample(Answer(topic="passed_on", params={**promised, "form": form}), to),
        "concern": Sample(
            Answer(
                topic="concern",
                case=samples.case(HELD),
                params={**promised, "measures": Measures(held=True, paused=True)},
            ),
            to,
        ),
        "concern.not_proven": Sample(Answer(topic="concern", params={**promised, "measures": Measures()}), to),
        "with_a_person": Sample(Answer(topic="with_a_person", params=promised), to),
        "inquiry_empty": Sample(
            Answer(topic="inquiry_empty", case=samples.case(ASKED), params={"read": INQUIRY.words}), judge
        ),
        "inquiry_done_before": Sample(Answer(topic="inquiry_done_before", params=before), judge),
        "inquiry_done_before.closed": Sample(
            Answer(topic="inquiry_done_before", params={**before, "state": InquiryState.CLOSED}), judge
        ),
        "daily_list": Sample(
            Alert(
                topic="daily_list",
                params={"inquiries": lines, "cases": [samples.case(HELD)], **WHOLE_LIST},
            ),
            operator,
            REPLY,
        ),
        "daily_list.at_once": Sample(
            Alert(topic="daily_list", params={"newcomers": [NEWCOMER], "at_once": True}), operator, REPLY
        ),
        "daily_list_done": Sample(Answer(topic="daily_list_done", params={"results": RESULTS}), operator, REPLY),
        "daily_list_done.all": Sample(
            Answer(topic="daily_list_done", params={"results": RESULTS[1:3]}), operator, REPLY
        ),
        "daily_list_done.every": Sample(
            Answer(topic="daily_list_done", params={"results": EVERY_RESULT}), operator, REPLY
        ),
        "daily_list_done.nothing": Sample(Answer(topic="daily_list_done", params={"results": ()}), operator, REPLY),
        "daily_list_expired": Sample(Answer(topic="daily_list_expired"), operator),
        "daily_list.inquiries": Sample(Alert(topic="daily_list", params={"inquiries": lines}), operator),
    }


def _passed_on(application: Application, files: tuple[str, ...] = ()) -> Answer:
    state = application.state
    params = {"promised": DAY, "state": state, "possible": possible_events(state), "files": files}
    return Answer(topic="passed_on", case=samples.case(application), params=params)
