"""One office, one application in every state, and every notice that can be written about it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from mailbot.model.application import Actor, Application, Revision, Step
from mailbot.model.common_fields import contact_of, contact_values
from mailbot.model.contract import Office, UserCode, UserId
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import Addressee, Words
from mailbot.model.people import Administrator, ApplicantContact, Language, Role
from mailbot.model.procedure import Filled, Finding, Severity
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.view_period import ViewPeriod
from mailbot.notices.render import Renderer
from mailbot.notices.write import Case, Change, Check, Letterhead, WhereToSee, Writer
from mailbot.procedures import load_procedures

PROCEDURES = load_procedures()
PROCEDURE = PROCEDURES["password_reset"]
ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
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
    administrator=Administrator("管理　花子", "カンリ　ハナコ", "0312345678", "hanako@naxtrade.example"),
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
    Check("sender_registered", True),
    Check("sender_aligned", False),
    Check("sender_token", False),
    Check("ids_registered", True),
    Check("ids_in_use", True),
    Check("date_possible", True),
    Check("no_other_application", True),
)
EARLIER = (("1ANACA0A", "2500123C", "2025-07-24"), ("1BNACA01", "2500321C", ""))


def case(application: Application) -> Case:
    return Case(application, OFFICE, PROCEDURE)


def contact(language: Language) -> Addressee:
    return Addressee(Role.CONTACT, CONTACT.email, CONTACT.name, CONTACT.department, language)


def administrator(language: Language) -> Addressee:
    chief = OFFICE.administrator
    return Addressee(Role.ADMINISTRATOR, chief.email, chief.name, "", language)


def reviewer(language: Language) -> Addressee:
    return Addressee(Role.REVIEWER, ICHIRO.email, ICHIRO.name, "", language)


def make_writer(*folders: Path) -> Writer:
    return Writer(Renderer((*folders, TEMPLATES), {p.name: p.words for p in PROCEDURES.values()}), DESK)


def notices(writer: Writer, lang: Language) -> dict[str, Callable[[], Words]]:
    """Every notice about an application, by name."""
    to, chief, judge = contact(lang), administrator(lang), reviewer(lang)
    form = FORM if lang is Language.JA else FORM_EN
    others = replace(judge, email="jiro@desk.example", name="審査　次郎")
    page = WhereToSee(url="https://desk.example/ids?receipt=2600001C&lang=ja")
    return {
        "received": lambda: writer.received(case(RECEIVED), to, findings=HINTS[:1], reply_address=REPLY),
        "received_corrected": lambda: writer.received(
            case(RECEIVED), chief, findings=HINTS, changes=CHANGES, reply_address=REPLY
        ),
        "needs_confirmation": lambda: writer.needs_confirmation(
            case(ASKED), to, words=QUESTION, form=form, answer_by=date(2026, 12, 7), reply_address=REPLY
        ),
        "completed": lambda: writer.completed(case(COMPLETED), to, words="", reply_address=REPLY),
        "completed_page": lambda: writer.completed(
            case(COMPLETED), chief, words="ご不便をおかけしました。", reply_address=REPLY, where_to_see=page
        ),
        "withdrawn": lambda: writer.withdrawn(case(WITHDRAWN), to, by=TARO),
        "lapsed": lambda: writer.lapsed(case(LAPSED), to),
        "draft": lambda: writer.draft(
            case(DRAFT), to, findings=PROBLEMS, form=form, unknown_lines=("使用端末：第3端末",), reply_address=REPLY
        ),
        "draft_saved": lambda: writer.draft(case(DRAFT), to, findings=(), form=form, reply_address=REPLY),
        "draft_correction": lambda: writer.draft(
            case(ASKED), to, findings=(*PROBLEMS[1:2], HINTS[1]), form=form, reply_address=REPLY
        ),
        "review_request": lambda: writer.review_request(
            case(RECEIVED), judge, checks=CHECKS, earlier=EARLIER, reply_address=REPLY
        ),
        "review_request_corrected": lambda: writer.review_request(
            case(replace(RECEIVED, steps=STEPS, taken_by=ICHIRO.email)),
            judge,
            checks=CHECKS,
            changes=CHANGES,
            reply_address=REPLY,
        ),
        "review_request_deputy": lambda: writer.review_request(
            case(RECEIVED), judge, checks=CHECKS, stands_in=True, reply_address=REPLY
        ),
        "review_request_superseded": lambda: writer.review_request(
            case(RECEIVED), judge, checks=CHECKS, superseded=True, reply_address=REPLY
        ),
        "decision_approved": lambda: writer.decision(
            case(COMPLETED), judge, event=Event.APPROVE, by=ICHIRO, words="", reply_address=REPLY
        ),
        "decision_asked": lambda: writer.decision(
            case(ASKED), others, event=Event.ASK, by=ICHIRO, words=QUESTION, reply_address=REPLY
        ),
        "decision_held": lambda: writer.decision(
            case(HELD), judge, event=Event.HOLD, by=ICHIRO, words="書類の到着待ち", reply_address=REPLY
        ),
        "decision_taken": lambda: writer.decision(
            case(RECEIVED), others, event=Event.TAKE, by=ICHIRO, words="", reply_address=REPLY
        ),
        "update_withdrawn": lambda: writer.update(case(WITHDRAWN), judge, event=Event.WITHDRAW, by=TARO),
        "update_lapsed": lambda: writer.update(case(LAPSED), judge, event=Event.LAPSE, by=MACHINE),
    }


def answers(writer: Writer, lang: Language) -> dict[str, Callable[[], Words]]:
    """Every answer, by the name of its topic (and what is particular, after a dot)."""
    to, judge = contact(lang), reviewer(lang)
    plain = replace(to, role=Role.NOBODY, name="", department="")
    form = FORM if lang is Language.JA else FORM_EN
    read = {"read": ["お世話になっております。", "先日の件はいかがでしょうか。"], "more": 2}
    offer: Mapping[str, object] = {"form": form, "titles": {"password_reset": PROCEDURE.titles}, **read}
    ask = writer.answer
    return {
        "help": lambda: ask("help", to, params=offer),
        "form": lambda: ask("form", to, params=offer),
        "no_form": lambda: ask("no_form", to, params=offer),
        "no_form.stranger": lambda: ask("no_form", plain, params={**offer, "form": ""}),
        "no_text": lambda: ask("no_text", to, params=offer),
        "not_understood": lambda: ask("not_understood", to, params=read, case=case(ASKED)),
        "several_keywords": lambda: ask("several_keywords", to, params={"read": "取下げ / 修正"}),
        "several_keywords.reviewer": lambda: ask("several_keywords", judge, params=read, case=case(RECEIVED)),
        "status": lambda: ask("status", to, params={"cases": [case(ASKED), case(COMPLETED), case(DRAFT)]}),
        "status.none": lambda: ask("status", to, params={"cases": []}),
        "empty_correction": lambda: ask("empty_correction", to),
        "unknown_application": lambda: ask("unknown_application", to),
        "not_possible": lambda: ask(
            "not_possible",
            to,
            params={"event": Event.WITHDRAW, "state": State.COMPLETED, "possible": ()},
            case=case(COMPLETED),
        ),
        "not_possible.reviewer": lambda: ask(
            "not_possible",
            judge,
            params={"event": Event.HOLD, "state": State.NEEDS_CONFIRMATION, "possible": (Event.ASK, Event.APPROVE)},
            case=case(ASKED),
        ),
        "reply_expired": lambda: ask("reply_expired", judge, case=case(RECEIVED)),
        "reviewer_help": lambda: ask("reviewer_help", judge),
        "review_status": lambda: ask("review_status", judge, case=case(ASKED)),
        "reviewer_not_understood": lambda: ask("reviewer_not_understood", judge, params=read, case=case(RECEIVED)),
        "unclear_keyword": lambda: ask("unclear_keyword", judge, params=read, case=case(RECEIVED)),
        "empty_words": lambda: ask("empty_words", judge, case=case(RECEIVED)),
        "superseded": lambda: ask("superseded", judge, case=case(replace(RECEIVED, steps=STEPS))),
        "already_decided": lambda: ask(
            "already_decided",
            judge,
            params={"by": ICHIRO, "at": SUBMITTED, "event": Event.APPROVE},
            case=case(COMPLETED),
        ),
        "no_token": lambda: ask("no_token", judge, params=read),
        "own_application": lambda: ask("own_application", judge, case=case(RECEIVED)),
        "no_reviewer": lambda: ask(
            "no_reviewer", Addressee(Role.OPERATOR, "operator@desk.example", language=lang), case=case(RECEIVED)
        ),
        "not_your_category": lambda: ask("not_your_category", judge, case=case(RECEIVED)),
        "checks_failed": lambda: ask("checks_failed", judge, params={"findings": PROBLEMS[:1]}, case=case(RECEIVED)),
        "undelivered": lambda: ask(
            "undelivered",
            Addressee(Role.OPERATOR, "operator@desk.example", language=lang),
            params={
                "recipient": "taro@naxtrade.example",
                "notice": "【受付完了】パスワード初期化の申込を受け付けました [2600001C]",
                "receipt": "2600001C",
                "server_answer": "550 5.1.1 No such user",
                "outbox_id": 12,
            },
        ),
        "alert": lambda: ask(
            "alert",
            Addressee(Role.OPERATOR, "operator@desk.example", language=lang),
            params={"reason": "token-of-another-person", "sender": "x@y.example", "inbox_id": 12},
        ),
    }
