"""One office, one application in every state, and every notice that can be written about it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from mailbot.model.application import Actor, Application, Revision, Step
from mailbot.model.common_fields import contact_of, contact_values
from mailbot.model.contract import Office, UserCode, UserId
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import Addressee, RenderedNotice
from mailbot.model.people import Administrator, ApplicantContact, Language, Role
from mailbot.model.procedure import OTHER_WORDS, Filled, Finding, ReviewCheck, Severity
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.view_period import ViewPeriod
from mailbot.notices.contents.applicant import (
    Completed,
    Draft,
    DraftSaved,
    Lapsed,
    NeedsConfirmation,
    Received,
    Withdrawn,
)
from mailbot.notices.contents.base import Content
from mailbot.notices.contents.reviewers import DecisionMade, ReviewRequest, Update
from mailbot.notices.folder import templates_folder
from mailbot.notices.render import Renderer
from mailbot.notices.values import Case, Change, CheckResult, Earlier, Letterhead, WhereToSee
from mailbot.notices.write import NoticeWriter
from mailbot.procedures import load_procedures

PROCEDURES = load_procedures()
PROCEDURE = PROCEDURES["password_reset"]
TEMPLATES = templates_folder()
DESK = Letterhead(
    name="申込受付デスク",
    address="desk@desk.example",
    organisation="通関情報センター",
    phone="03-0000-1234",
    hours="平日 9:00～17:00",
)
REPLY = "desk+abcdefgh.abcdefghijklmnopqrstuvwxyz.abcdefghijklmnop@desk.example"
CONTACT = ApplicantContact(
    name="通関　太郎",
    kana="ツウカン　タロウ",
    department="第一営業部営業第3課",
    title="課長",
    phone="0301234567",
    fax="0398765432",
    email="taro@naxtrade.example",
)
OFFICE = Office(
    code="NAC001",
    company="ナックス商事株式会社",
    name="第一営業所",
    administrator=Administrator(
        name="管理　花子", kana="カンリ　ハナコ", phone="0312345678", email="hanako@naxtrade.example"
    ),
    company_en="NACCS TRADE COMPANY",
    name_en="TOKYO OFFICE",
    contacts=(CONTACT,),
    user_codes=(
        UserCode("1ANAC", user_ids=(UserId("1ANAC", "A0A", "net"), UserId("1ANAC", "A0B", "net"))),
        UserCode("1BNAC", user_ids=(UserId("1BNAC", "A01", "インタ・POP3併用"),)),
    ),
)
REASON = "担当者の交代時に引き継ぎがなく、パスワードを失念したため。\n旧担当者はすでに退職しており、確認することができません。"
FILLED = Filled(
    {
        **contact_values(CONTACT),
        "office": "NAC001",
        "user_ids": ("1ANACA0A", "1BNACA01"),
        "reason": REASON,
        "timing": "dated",
        "wished_day": "2026-11-30",
    }
)
SUBMITTED = datetime(2026, 11, 20, 1, 15, tzinfo=UTC)
TARO = Actor(Role.CONTACT, CONTACT.email, CONTACT.name)
ICHIRO = Actor(Role.REVIEWER, "ichiro@desk.example", "審査　一郎")
MACHINE = Actor(Role.OPERATOR, name="mailbot")
QUESTION = "識別番号A01のご契約者様の確認書類をお送りください。\n利用者コードにもお間違いがないか、あわせてご確認をお願いいたします。"
FORM = """手続：パスワード初期化
事業所コード：NAC001

【申込担当者】
氏名：通関　太郎
電話番号：0301234567
E-mailアドレス：taro@naxtrade.example

【申込内容】
[x] 1ANACA0A（net）
[ ] 1ANACA0B（net）
[x] 1BNACA01（インタ・POP3併用）
パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく、失念したため
[ ] 最短の日程で登録を希望
[x] 日付を指定して登録を希望
NACCS登録希望日：20261130
備考："""
CORRECTION = "利用者ID：\n[x] 1ANACA0A（net）\n[ ] 1ANACA0B（net）"
FORM_EN = """Procedure: Password initialisation
Office code: NAC001

[Applicant]
Name: 通関　太郎

[Application]
[x] 1ANACA0A (net)
Reason for initialisation: the password was lost
Wished date: 20261130"""

STEPS = (
    Step(Event.SUBMIT, State.RECEIVED, SUBMITTED, TARO, 1),
    Step(Event.TAKE, State.RECEIVED, SUBMITTED, ICHIRO, 1),
    Step(Event.ASK, State.NEEDS_CONFIRMATION, SUBMITTED, ICHIRO, 1, QUESTION),
)
RECEIVED = Application(
    id=1,
    procedure="password_reset",
    office="NAC001",
    state=State.RECEIVED,
    revision=Revision(1, FILLED, contact_of(FILLED), SUBMITTED),
    receipt=ReceiptNumber(26, 1, PROCEDURE.category),
    submitted_at=SUBMITTED,
    steps=STEPS[:1],
)
ASKED = replace(
    RECEIVED,
    state=State.NEEDS_CONFIRMATION,
    steps=STEPS,
    taken_by=ICHIRO.email,
    answer_by=datetime(2026, 12, 6, 15, 0, tzinfo=UTC),
)
COMPLETED = replace(
    RECEIVED,
    state=State.COMPLETED,
    decided_at=SUBMITTED,
    view_period=ViewPeriod(date(2026, 11, 20), date(2026, 11, 25)),
    steps=(*STEPS[:2], Step(Event.APPROVE, State.COMPLETED, SUBMITTED, ICHIRO, 1)),
)
HELD = replace(
    RECEIVED, held=True, steps=(*STEPS[:1], Step(Event.HOLD, State.RECEIVED, SUBMITTED, ICHIRO, 1, "書類の到着待ち"))
)
WITHDRAWN = replace(
    ASKED, state=State.WITHDRAWN, steps=(*STEPS, Step(Event.WITHDRAW, State.WITHDRAWN, SUBMITTED, TARO, 1))
)
LAPSED = replace(ASKED, state=State.LAPSED, steps=(*STEPS, Step(Event.LAPSE, State.LAPSED, SUBMITTED, MACHINE, 1)))
DRAFT = replace(RECEIVED, state=State.DRAFT, receipt=None, submitted_at=None, steps=())

CHANGES = (
    Change(PROCEDURE.field("user_ids"), "1ANACA0A（net）\n1BNACA01（インタ・POP3併用）", "1ANACA0A（net）"),
    Change(PROCEDURE.field("wished_day"), "", "2026年11月30日（月）"),
)
HINTS = (
    Finding("hint_ury_i", "user_ids", "1ANACA0A", severity=Severity.HINT, params={"others": "1ANACA0B"}),
    Finding("date_not_needed", "wished_day", "20261130", severity=Severity.WARNING),
)
PROBLEMS = (
    Finding("unknown_user_id", "user_ids", "AOA", "A0A", params={"code": "1ANAC", "user_id": "1ANACAOA"}),
    Finding("required", "reason"),
    Finding("weekday_differs", "wished_day", "2026年11月30日（火）", "2026年11月30日（月）"),
    Finding("emails_differ", "contact_email", "taro@naxtrade.example / tarou@naxtrade.example"),
)
CHECKS = (
    CheckResult(ReviewCheck.SENDER_REGISTERED, True),
    CheckResult(ReviewCheck.SENDER_ALIGNED, False),
    CheckResult(ReviewCheck.SENDER_TOKEN, False),
    CheckResult(ReviewCheck.IDS_REGISTERED, True),
    CheckResult(ReviewCheck.IDS_IN_USE, True),
    CheckResult(ReviewCheck.DATE_POSSIBLE, True),
    CheckResult(ReviewCheck.NO_OTHER_APPLICATION, True),
)
EARLIER = (Earlier("1ANACA0A", "2500123C", date(2025, 7, 24)), Earlier("1BNACA01", "2500321C", None))


@dataclass(frozen=True)
class Sample:
    """One notice: what it says, to whom, and where it is answered."""

    content: Content
    to: Addressee
    reply_address: str = ""

    def write(self, writer: NoticeWriter) -> RenderedNotice:
        return writer.write(self.content, self.to, self.reply_address)


OTHER_LINES = ("使用端末：第3端末", "※ただし、処理は必ず12月1日以降にお願いします。")
WITH_WORDS = replace(
    RECEIVED,
    revision=replace(RECEIVED.revision, filled=replace(FILLED, written={OTHER_WORDS: "\n".join(OTHER_LINES)})),
)


def case(application: Application) -> Case:
    return Case(application, OFFICE, PROCEDURE)


def contact(language: Language) -> Addressee:
    return Addressee(Role.CONTACT, CONTACT.email, CONTACT.name, CONTACT.department, language)


def administrator(language: Language) -> Addressee:
    chief = OFFICE.administrator
    return Addressee(Role.ADMINISTRATOR, chief.email, chief.name, "", language)


def reviewer(language: Language) -> Addressee:
    return Addressee(Role.REVIEWER, ICHIRO.email, ICHIRO.name, "", language)


def operator(language: Language) -> Addressee:
    return Addressee(Role.OPERATOR, "operator@desk.example", language=language)


def make_writer(*folders: Path) -> NoticeWriter:
    """A writer of notices, with further folders of templates before the program's own."""
    return NoticeWriter(Renderer((*folders, TEMPLATES), {p.name: p.words for p in PROCEDURES.values()}), DESK)


def notices(lang: Language) -> dict[str, Sample]:
    """Every notice about an application, by name."""
    to, chief, judge = contact(lang), administrator(lang), reviewer(lang)
    form = FORM if lang is Language.JA else FORM_EN
    others = replace(judge, email="jiro@desk.example", name="審査　次郎")
    page = WhereToSee(url="https://desk.example/ids?receipt=2600001C&lang=ja")
    return {
        "received": Sample(
            Received(case=case(RECEIVED), findings=HINTS[:1], answer_from=date(2026, 11, 24), correction=CORRECTION),
            to,
            REPLY,
        ),
        "received_other_words": Sample(
            Received(case=case(WITH_WORDS), findings=(), answer_from=date(2026, 11, 24)), to, REPLY
        ),
        "received_corrected": Sample(Received(case=case(RECEIVED), findings=HINTS, changes=CHANGES), chief, REPLY),
        "needs_confirmation": Sample(
            NeedsConfirmation(
                case=case(ASKED), words=QUESTION, form=form, answer_by=date(2026, 12, 7), correction=CORRECTION
            ),
            to,
            REPLY,
        ),
        "completed": Sample(Completed(case=case(COMPLETED), words=""), to, REPLY),
        "completed_page": Sample(
            Completed(case=case(COMPLETED), words="ご不便をおかけしました。", see=page), chief, REPLY
        ),
        "withdrawn": Sample(Withdrawn(case=case(WITHDRAWN), by=TARO), to),
        "withdrawn_draft": Sample(Withdrawn(case=case(replace(DRAFT, state=State.WITHDRAWN)), by=TARO), to),
        "lapsed": Sample(Lapsed(case=case(LAPSED)), to),
        "draft": Sample(
            Draft(
                case=case(DRAFT),
                findings=PROBLEMS,
                form=form,
                unknown_lines=("新しい識別番号：A0C",),
                other_words=OTHER_LINES,
            ),
            to,
            REPLY,
        ),
        "draft_saved": Sample(DraftSaved(case=case(DRAFT), findings=(), form=form), to, REPLY),
        "draft_saved_incomplete": Sample(DraftSaved(case=case(DRAFT), findings=PROBLEMS[1:2], form=form), to, REPLY),
        "draft_correction": Sample(Draft(case=case(ASKED), findings=(*PROBLEMS[1:2], HINTS[1]), form=form), to, REPLY),
        "review_request": Sample(
            ReviewRequest(case=case(RECEIVED), checks=CHECKS, earlier=EARLIER, due=date(2026, 11, 24)), judge, REPLY
        ),
        "review_request_other_words": Sample(ReviewRequest(case=case(WITH_WORDS), checks=CHECKS), judge, REPLY),
        "review_request_corrected": Sample(
            ReviewRequest(
                case=case(replace(RECEIVED, steps=STEPS, taken_by=ICHIRO.email)), checks=CHECKS, changes=CHANGES
            ),
            judge,
            REPLY,
        ),
        "review_request_deputy": Sample(
            ReviewRequest(case=case(RECEIVED), checks=CHECKS, stands_in=True), judge, REPLY
        ),
        "review_request_superseded": Sample(
            ReviewRequest(case=case(RECEIVED), checks=CHECKS, superseded=True), judge, REPLY
        ),
        "decision_approved": Sample(
            DecisionMade(case=case(COMPLETED), event=Event.APPROVE, by=ICHIRO, words=""), judge, REPLY
        ),
        "decision_asked": Sample(
            DecisionMade(case=case(ASKED), event=Event.ASK, by=ICHIRO, words=QUESTION), others, REPLY
        ),
        "decision_held": Sample(
            DecisionMade(case=case(HELD), event=Event.HOLD, by=ICHIRO, words="書類の到着待ち"), judge, REPLY
        ),
        "decision_taken": Sample(
            DecisionMade(case=case(RECEIVED), event=Event.TAKE, by=ICHIRO, words=""), others, REPLY
        ),
        "update_withdrawn": Sample(Update(case=case(WITHDRAWN), event=Event.WITHDRAW, by=TARO), judge),
        "update_lapsed": Sample(Update(case=case(LAPSED), event=Event.LAPSE, by=MACHINE), judge),
    }
