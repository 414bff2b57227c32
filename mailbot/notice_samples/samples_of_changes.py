"""Notices about changes of the contract, reminders and look-ups: the rest of `samples.py`."""

from dataclasses import replace
from datetime import UTC, date, datetime

from mailbot.model.application import Actor, Application, Revision, Step
from mailbot.model.calendar_entry import current
from mailbot.model.common_fields import contact_of, contact_values
from mailbot.model.contract import Mailbox, Office
from mailbot.model.effects import AddMailbox, AddUserId, contract_lines
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import Language, Role
from mailbot.model.procedure import Circumstances, Filled, Finding, ReviewCheck, Severity
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.start_days import ScheduleDay
from mailbot.model.view_period import ViewPeriod
from mailbot.notice_samples import samples
from mailbot.notice_samples.samples import CONTACT, ICHIRO, MACHINE, OFFICE, PROCEDURES, REPLY, SUBMITTED, TARO, Sample
from mailbot.notices.contents.answers import Alert, Answer, Challenge, PaperAnswer, PasswordRevoked, SecurityNotice
from mailbot.notices.contents.applicant import AnswerReminder, Completed, InEffect, Received, TakenBack, ViewEnding
from mailbot.notices.contents.reviewers import Digest, ReviewRequest
from mailbot.notices.contract_view import NewsRow, contract_view
from mailbot.notices.values import Case, CheckResult, Waiting, WhereToSee

DAY = date(2026, 11, 20)
PASSWORDS = {"mailbox_passwords": (), "all_passwords": ("1ANACA0A",)}  # 利用者ID beside the mailbox
CONTRACTED: Office = replace(OFFICE, address="東京都港区港南10-100-1", mailboxes=(Mailbox("NAC00101", "SMTP/POP3"),))
CONTENT: dict[str, dict[str, str | int | tuple[str, ...]]] = {
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


def passwords(name: str, application: Application) -> Case:
    """A パスワード初期化 that names a mailbox, and the 利用者ID of PASSWORDS."""
    revision = application.revision
    values = {**revision.filled.values, "user_ids": PASSWORDS[name], "mailboxes": ("NAC00101",)}
    revision = replace(revision, filled=replace(revision.filled, values=values))
    return Case(replace(application, revision=revision), CONTRACTED, PROCEDURES["password_reset"])


def taken_back(name: str) -> Case:
    """… and its approval taken back."""
    case, before = received(name), completed(name).application
    step = Step(Event.REOPEN, State.RECEIVED, SUBMITTED, MACHINE, 2, "通関士証票番号の確認が済んでいませんでした。")
    again = replace(
        case.application, revision=replace(case.application.revision, number=2), steps=(*before.steps, step)
    )
    return replace(case, application=again)


def with_calendar(sample: Sample, of: Application, *, gone: bool = False) -> Sample:
    """The notice with the calendar entries of an application, cancelled when they are `gone`."""
    entries = tuple(replace(entry, cancelled=gone) for entry in current(of))
    return replace(sample, content=replace(sample.content, calendar=entries))


SHARED = Finding("shared_code", "user_codes", "1ANAC", severity=Severity.WARNING, params={"offices": "NAC002"})
EARLY = Finding(
    "start_may_differ", "wished_start", "20261124", severity=Severity.WARNING, params={"expected": "2026-12-01"}
)


def notices(lang: Language) -> dict[str, Sample]:
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
    undone = taken_back("broker_id_addition")
    waiting = replace(received("user_id_abolition"), application=waited)
    found: dict[str, Sample] = {
        "received_shared": Sample(Received(case=waiting, findings=(SHARED, EARLY)), to, REPLY),
        "review_request_shared": Sample(
            ReviewRequest(
                case=waiting,
                checks=(
                    CheckResult(ReviewCheck.IDS_REGISTERED, True),
                    CheckResult(ReviewCheck.ON_SCHEDULE, False, EARLY.params),
                    CheckResult(ReviewCheck.SHARING_OFFICES_APPLIED, False, SHARED.params),
                ),
            ),
            judge,
            REPLY,
        ),
        "taken_back": Sample(
            TakenBack(case=undone, words=undone.application.steps[-1].words, erased=("1ANACB0C",)), to, REPLY
        ),
        "taken_back_without_passwords": Sample(TakenBack(case=undone, words="入力の誤りのため"), to, REPLY),
        "review_request_taken_back": Sample(ReviewRequest(case=undone, checks=()), judge, REPLY),
        "view_ending": Sample(ViewEnding(case=samples.case(samples.COMPLETED)), to),
        "view_ending_page": Sample(ViewEnding(case=samples.case(samples.COMPLETED), see=page), to),
        "answer_reminder": Sample(AnswerReminder(case=asked, words=samples.QUESTION), to, REPLY),
    }
    for name in CONTENT:
        found[f"received_{name}"] = Sample(Received(case=received(name)), to, REPLY)
        found[f"completed_{name}"] = Sample(Completed(case=completed(name), see=page), to)
        started = InEffect(case=completed(name, started=True), passwords_wait=True, see=page)
        found[f"in_effect_{name}"] = Sample(started, to)
    for name in PASSWORDS:
        found[f"received_{name}"] = Sample(Received(case=passwords(name, samples.RECEIVED)), to, REPLY)
        found[f"completed_{name}"] = Sample(Completed(case=passwords(name, samples.COMPLETED), see=page), to)
    mailbox = passwords("mailbox_passwords", samples.COMPLETED)
    found["view_ending_mailbox"] = Sample(ViewEnding(case=mailbox, see=page), samples.administrator(lang))
    for name in ("broker_id_addition", "user_id_abolition"):
        found[f"completed_{name}"] = with_calendar(found[f"completed_{name}"], completed(name).application)
    found["taken_back"] = with_calendar(found["taken_back"], completed("broker_id_addition").application, gone=True)
    found["completed_operator"] = Sample(Completed(case=completed("broker_id_addition")), to)
    return found


DAYS = (
    ScheduleDay(date(2026, 12, 3), date(2026, 11, 20)),
    ScheduleDay(date(2026, 12, 8), date(2026, 11, 25)),
    ScheduleDay(date(2026, 12, 10), date(2026, 11, 27)),
)
ASKED_AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
CHALLENGE = Challenge(
    asked="apply",
    received_at=ASKED_AT,
    mail_id=12,
    answer_by=date(2026, 11, 24),
    titles=(PROCEDURES["password_reset"].titles,),
    sender="taro@naxtrade.example",
)


OF_AN_OFFICE = {"at": ASKED_AT, "recipient": "ナックス商事株式会社 第一営業所 (NAC001)"}


def answers(lang: Language) -> dict[str, Sample]:
    """By the name of the topic."""
    to, judge = samples.contact(lang), samples.reviewer(lang)
    operator = samples.operator(lang)
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
    return {
        "digest": Sample(Digest(waiting=waiting), judge, REPLY),
        "digest_not_understood": Sample(Answer(topic="digest_not_understood", params={"read": ["全部承認で"]}), judge),
        "paper_failed": Sample(Alert(topic="paper_failed", case=done, params={"read": "𠮷"}), operator),
        "deadline_failed": Sample(
            Alert(
                topic="deadline_failed",
                params={"receipt": "2600001A", "reason": "office NAC001 is not in the register"},
            ),
            operator,
        ),
        "clock_in_doubt": Sample(
            Alert(topic="clock_in_doubt", params={"read": ["2026-11-20T10:00:00+09:00", "2036-11-20T10:00:00+09:00"]}),
            operator,
        ),
        "contract": Sample(Answer(topic="contract", params={"contracts": [contract]}), to),
        "other_undelivered": Sample(
            Answer(
                topic="other_undelivered",
                params={"recipient": "hanako@naxtrade.example", "notice": "【受付完了】…", "receipt": "2600001C"},
            ),
            to,
        ),
        "example": Sample(Answer(topic="example", params={"examples": titles, "day": date(2026, 12, 3)}), to),
        "example.named": Sample(
            Answer(topic="example", params={"examples": {"password_reset": titles["password_reset"]}}), to
        ),
        "schedule": Sample(
            Answer(topic="schedule", params={"days": DAYS, "more": 3, "day": DAYS[0].start, "titles": titles}), to
        ),
        "schedule.none": Sample(Answer(topic="schedule", params={"day": date(2026, 12, 1), "titles": titles}), to),
        "registration": Sample(Answer(topic="registration"), to),
        "office_password": Sample(Answer(topic="office_password"), to),
        "contract.none": Sample(Answer(topic="contract"), to),
        "news": Sample(Answer(topic="news", params={"news": rows}), to),
        "news.none": Sample(Answer(topic="news"), to),
        "paper.approval": Sample(PaperAnswer(topic="paper", case=done, params={"reason": "approval"}), to),
        "paper.application_form": Sample(
            PaperAnswer(topic="paper", case=early, params={"reason": "application_form"}), to
        ),
        "reviewer_absent": Sample(
            Alert(topic="reviewer_absent", params={"sender": "審査 一郎 <ichiro@desk.example>"}), operator
        ),
        **{
            f"desk_login.{event}": Sample(
                Alert(
                    topic="desk_login",
                    params={
                        "sender": "ichiro@desk.example",
                        "name": "審査 一郎",
                        "reason": event,
                        "words": words,
                        "at": ASKED_AT,
                    },
                ),
                operator,
            )
            for event, words in (
                ("added", "ops"),
                ("removed", "ops"),
                ("password", "ops"),
                ("reset", "ops"),
                ("paused", ""),
            )
        },
        "challenge": Sample(CHALLENGE, to, REPLY),
        "challenge.newcomer": Sample(replace(CHALLENGE, newcomer=True, sender="new@naxtrade.example"), to, REPLY),
        "challenge_denied": Sample(Answer(topic="challenge_denied"), to),
        "challenge_expired": Sample(Answer(topic="challenge_expired"), to),
        "challenge_no_token": Sample(Answer(topic="challenge_no_token"), to),
        "limit_reached": Sample(Answer(topic="limit_reached", params={"reason": "too-many-parts"}), to),
        "limit_reached.too-many-changes": Sample(
            Answer(topic="limit_reached", params={"reason": "too-many-changes"}), to
        ),
        "limit_reached.too-much-cpu-time": Sample(
            Answer(topic="limit_reached", params={"reason": "too-much-cpu-time"}), to
        ),
        "limit_reached.too-many-answers": Sample(
            Answer(topic="limit_reached", params={"reason": "too-many-answers"}), to
        ),
        "challenge_unclear": Sample(Answer(topic="challenge_unclear", params={"read": "これは何ですか"}), to),
        "password_seen": Sample(
            SecurityNotice(topic="password_seen", case=done, params={"at": ASKED_AT, "read": ["NAC00102"]}), to
        ),
        "password_seen.operator": Sample(
            SecurityNotice(
                topic="password_seen",
                case=done,
                params={"at": ASKED_AT, "read": ["NAC00102"], "by": Actor(Role.OPERATOR, name="ops")},
            ),
            to,
        ),
        "password_revoked": Sample(PasswordRevoked(case=done, params={"at": ASKED_AT, "read": ["NAC00102"]}), to),
        "login_paused": Sample(SecurityNotice(topic="login_paused", params=OF_AN_OFFICE), to),
        "login_link": Sample(
            SecurityNotice(
                topic="login_link",
                params={**OF_AN_OFFICE, "link": "https://desk.example/link/abcdefghijklmnopqrstuvwxyz", "minutes": 30},
            ),
            to,
        ),
        "password_changed": Sample(SecurityNotice(topic="password_changed", params=OF_AN_OFFICE), to),
        "second_reviewer": Sample(Answer(topic="second_reviewer", case=samples.case(samples.HELD)), judge),
        "archive_password": Sample(Answer(topic="archive_password"), to),
        "paper_later": Sample(Answer(topic="paper_later", case=early, params={"reason": "application_form"}), to),
        "no_paper_yet": Sample(Answer(topic="no_paper_yet", case=early), to),
        "no_paper_yet.none": Sample(Answer(topic="no_paper_yet", case=samples.case(samples.COMPLETED)), to),
        "no_paper_yet.open": Sample(Answer(topic="no_paper_yet", case=received("mailbox_change")), to),
        "which_application": Sample(
            Answer(topic="which_application", params={"cases": [early, samples.case(samples.DRAFT)]}), to
        ),
        "which_form": Sample(Answer(topic="which_form", params={"titles": titles}), to),
        "which_form.locked": Sample(
            Answer(
                topic="which_form", params={"titles": titles, "findings": [Finding("encrypted_zip", read="申込書.zip")]}
            ),
            to,
        ),
        "which_form.sent": Sample(
            Answer(topic="which_form", params={"titles": titles, "form": "手続：\n利用者コード：1ANAC"}), to
        ),
    }
