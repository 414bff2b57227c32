"""Notices about changes of the contract, reminders and look-ups: the rest of `samples.py`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from mailbot.model.application import Application, Revision, Step
from mailbot.model.common_fields import contact_of, contact_values
from mailbot.model.contract import Mailbox, Office
from mailbot.model.effects import AddMailbox, AddUserId, contract_lines
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import Addressee, Words
from mailbot.model.people import Language, Role
from mailbot.model.procedure import Circumstances, Filled, Finding, Severity
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.view_period import ViewPeriod
from mailbot.notices.contract_view import NewsRow, contract_view
from mailbot.notices.reviewers import Waiting
from mailbot.notices.write import Case, Check, WhereToSee, Writer
from tests.notices import samples
from tests.notices.samples import CONTACT, ICHIRO, MACHINE, OFFICE, PROCEDURES, REPLY, SUBMITTED, TARO

DAY = date(2026, 11, 20)
CONTRACTED: Office = replace(OFFICE, address="東京都港区港南10-100-1", mailboxes=(Mailbox("NAC00101", "SMTP/POP3"),))
CONTENT = {
    "user_id_abolition": {
        "user_ids": ("1ANACA0A", "1ANACA0B"),
        "user_codes": ("1ANAC",),
        "added_to": "1BNAC",
        "added": ("net=1",),
        "wished_start": "2026-12-10",
        "reason": "業務の終了",
    },
    "broker_id_addition": {
        "user_code": "1ANAC",
        "added": ("net=1", "インタ=1"),
        "badges": ("12-7896",),
        "wished_start": "2026-12-10",
    },
    "mailbox_change": {
        "mail": 1,
        "edifact": 0,
        "abolished": ("NAC00101",),
        "wished_start": "2026-12-09",
        "reason": "増設",
    },
}


def received(name: str) -> Case:
    """An application of the procedure `name`, waiting for its review."""
    procedure = PROCEDURES[name]
    filled = Filled({**contact_values(CONTACT), "office": "NAC001", **CONTENT[name]})
    application = Application(
        id=1,
        procedure=name,
        office="NAC001",
        state=State.RECEIVED,
        revision=Revision(1, filled, contact_of(filled), SUBMITTED),
        receipt=ReceiptNumber(26, 1, procedure.category),
        submitted_at=SUBMITTED,
        steps=(Step(Event.SUBMIT, State.RECEIVED, SUBMITTED, TARO, 1),),
    )
    lines = contract_lines(CONTRACTED, procedure.effects(filled, Circumstances(CONTRACTED, DAY)), DAY)
    return Case(application, CONTRACTED, procedure, lines)


def completed(name: str, *, started: bool = False) -> Case:
    """… approved, with numbers given; `started` when its 利用開始日 has come."""
    case = received(name)
    effects = case.procedure.effects(case.application.revision.filled, Circumstances(CONTRACTED, DAY))
    numbered = [
        replace(e, number="B0C")
        if isinstance(e, AddUserId)
        else replace(e, id="NAC00102")
        if isinstance(e, AddMailbox)
        else e
        for e in effects
    ]
    lines = contract_lines(CONTRACTED, numbered, DAY)
    steps = (*case.application.steps, Step(Event.APPROVE, State.COMPLETED, SUBMITTED, ICHIRO, 1))
    when = datetime(2026, 12, 10, 0, 0, tzinfo=UTC) if started else None
    if when:
        steps = (*steps, Step(Event.START, State.COMPLETED, when, MACHINE, 1))
    application = replace(
        case.application,
        state=State.COMPLETED,
        decided_at=SUBMITTED,
        start_date=date(2026, 12, 10),
        view_period=ViewPeriod(DAY, date(2026, 12, 14)),
        in_effect_at=when,
        contract=lines,
        steps=steps,
    )
    return Case(application, CONTRACTED, case.procedure, lines)


SHARED = Finding("shared_code", "user_codes", "1ANAC", severity=Severity.WARNING, params={"offices": "NAC002"})
EARLY = Finding(
    "start_may_differ", "wished_start", "20261124", severity=Severity.WARNING, params={"expected": "2026-12-01"}
)


def notices(writer: Writer, lang: Language) -> dict[str, Callable[[], Words]]:
    """By name."""
    to, judge = samples.contact(lang), samples.reviewer(lang)
    page = WhereToSee(url="https://desk.example/ids")
    asked = samples.case(samples.ASKED)
    waited = replace(
        received("user_id_abolition").application,
        steps=(
            *received("user_id_abolition").application.steps,
            Step(Event.WAIT, State.RECEIVED, SUBMITTED, MACHINE, 1, "NAC002"),
        ),
    )
    waiting = replace(received("user_id_abolition"), application=waited)
    found: dict[str, Callable[[], Words]] = {
        "received_shared": lambda: writer.received(waiting, to, findings=(SHARED, EARLY), reply_address=REPLY),
        "review_request_shared": lambda: writer.review_request(
            waiting,
            judge,
            checks=(
                Check("ids_registered", True),
                Check("on_schedule", False, EARLY.params),
                Check("sharing_offices_applied", False, SHARED.params),
            ),
            reply_address=REPLY,
        ),
        "view_ending": lambda: writer.view_ending(samples.case(samples.COMPLETED), to),
        "view_ending_page": lambda: writer.view_ending(samples.case(samples.COMPLETED), to, where_to_see=page),
        "answer_reminder": lambda: writer.answer_reminder(asked, to, words=samples.QUESTION, reply_address=REPLY),
        "review_reminder": lambda: writer.review_reminder(received("mailbox_change"), judge, reply_address=REPLY),
    }
    for name in CONTENT:
        found[f"received_{name}"] = lambda n=name: writer.received(received(n), to, reply_address=REPLY)  # type: ignore[misc]
        found[f"completed_{name}"] = lambda n=name: writer.completed(completed(n), to, where_to_see=page)  # type: ignore[misc]
        found[f"in_effect_{name}"] = lambda n=name: writer.in_effect(completed(n, started=True), to)  # type: ignore[misc]
    found["completed_operator"] = lambda: writer.completed(completed("broker_id_addition"), to)
    return found


CHALLENGE: dict[str, object] = {
    "asked": "apply",
    "received_at": datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
    "receipt": "",
    "sender": "taro@naxtrade.example",
    "newcomer": False,
    "hours": 24,
}


OF_AN_OFFICE = {"at": CHALLENGE["received_at"], "recipient": "ナックス商事株式会社 第一営業所 (NAC001)"}


def answers(writer: Writer, lang: Language) -> dict[str, Callable[[], Words]]:
    """By the name of the topic."""
    to, judge = samples.contact(lang), samples.reviewer(lang)
    operator = Addressee(Role.OPERATOR, "operator@desk.example", language=lang)
    titles = {name: p.titles for name, p in PROCEDURES.items()}
    waiting = [
        Waiting(received("mailbox_change"), 0, False),
        Waiting(samples.case(replace(samples.HELD, taken_by=ICHIRO.email)), 3, True),
    ]
    contract = contract_view(CONTRACTED, [completed("mailbox_change")], DAY, lang)
    rows = [
        NewsRow("2026/11/20", p.category.value, f"260000{i}{p.category.value}", event, p.title(lang))
        for i, (p, event) in enumerate(
            zip(
                PROCEDURES.values(),
                (Event.SUBMIT, Event.ASK, Event.APPROVE, Event.START),
                strict=True,
            )
        )
    ]
    early, done = completed("mailbox_change"), completed("mailbox_change", started=True)
    ask = writer.answer
    return {
        "digest": lambda: writer.digest(judge, waiting=waiting, reply_address=REPLY),
        "digest_not_understood": lambda: ask("digest_not_understood", judge, params={"read": ["全部承認で"]}),
        "paper_failed": lambda: ask("paper_failed", operator, case=done, params={"read": "𠮷"}),
        "deadline_failed": lambda: ask(
            "deadline_failed",
            operator,
            params={"receipt": "2600001A", "reason": "office NAC001 is not in the register"},
        ),
        "clock_in_doubt": lambda: ask(
            "clock_in_doubt", operator, params={"read": ["2026-11-20T10:00:00+09:00", "2036-11-20T10:00:00+09:00"]}
        ),
        "review_overdue": lambda: ask("review_overdue", operator, case=received("mailbox_change"), params={"more": 2}),
        "contract": lambda: ask("contract", to, params={"contracts": [contract]}),
        "other_undelivered": lambda: ask(
            "other_undelivered",
            to,
            params={"recipient": "hanako@naxtrade.example", "notice": "【受付完了】…", "receipt": "2600001C"},
        ),
        "contract.none": lambda: ask("contract", to),
        "news": lambda: ask("news", to, params={"news": rows}),
        "news.none": lambda: ask("news", to),
        "paper.approval": lambda: ask("paper", to, case=done, params={"reason": "approval"}),
        "paper.application_form": lambda: ask("paper", to, case=early, params={"reason": "application_form"}),
        "reviewer_absent": lambda: ask(
            "reviewer_absent", operator, params={"sender": "審査 一郎 <ichiro@desk.example>"}
        ),
        "challenge": lambda: writer.challenge(to, params=CHALLENGE, reply_address=REPLY),
        "challenge.newcomer": lambda: writer.challenge(
            to, params={**CHALLENGE, "newcomer": True, "sender": "new@naxtrade.example"}, reply_address=REPLY
        ),
        "challenge_denied": lambda: ask("challenge_denied", to),
        "challenge_expired": lambda: ask("challenge_expired", to),
        "challenge_unclear": lambda: ask("challenge_unclear", to, params={"read": "これは何ですか"}),
        "password_seen": lambda: ask(
            "password_seen", to, case=done, params={"at": CHALLENGE["received_at"], "read": ["1ANACA0A"]}
        ),
        "login_paused": lambda: ask("login_paused", to, params=OF_AN_OFFICE),
        "password_changed": lambda: ask("password_changed", to, params=OF_AN_OFFICE),
        "second_reviewer": lambda: ask("second_reviewer", judge, case=samples.case(samples.HELD)),
        "archive_password": lambda: ask("archive_password", to),
        "paper_later": lambda: ask("paper_later", to, case=early, params={"reason": "application_form"}),
        "no_paper_yet": lambda: ask("no_paper_yet", to, case=early),
        "no_paper_yet.none": lambda: ask("no_paper_yet", to, case=samples.case(samples.COMPLETED)),
        "no_paper_yet.open": lambda: ask("no_paper_yet", to, case=received("mailbox_change")),
        "which_application": lambda: ask(
            "which_application", to, params={"cases": [early, samples.case(samples.DRAFT)]}
        ),
        "which_form": lambda: ask("which_form", to, params={"titles": titles}),
        "which_form.locked": lambda: ask(
            "which_form", to, params={"titles": titles, "findings": [Finding("encrypted_zip", read="申込書.zip")]}
        ),
        "which_form.sent": lambda: ask(
            "which_form", to, params={"titles": titles, "form": "手続：\n利用者コード：1ANAC"}
        ),
    }
