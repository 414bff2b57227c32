"""What a reviewer decides on the pages: the same `carry_out` as of a reply, checked once more and confirmed before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.pages.asked import Asked
from mailbot.desk.review.approval_effects import make_ready
from mailbot.desk.review.carry_out import ReviewAnswer, carry_out
from mailbot.desk.review.review_requests import checks_now
from mailbot.forms.decision import is_qualified
from mailbot.logs import get_logger
from mailbot.model.application import Application
from mailbot.model.audit import application_subject
from mailbot.model.desk_login import REVIEWERS, DeskLogin
from mailbot.model.lifecycle import Event
from mailbot.model.numbering import NoNumbersLeft
from mailbot.model.people import APPLICANT_SIDE, Reviewer
from mailbot.model.procedure import ReviewCheck
from mailbot.model.queued_mail import Disposition
from mailbot.model.receipt import ReceiptNumber
from mailbot.notices.contents.answers import Answer
from mailbot.notices.values import CheckResult
from mailbot.notices.view import CaseView, view
from mailbot.records.applications import application_store
from mailbot.records.log import audit
from mailbot.records.register import absences, offices

log = get_logger("mailbot.web")
LONGEST_WORDS = 1_000  # characters of a 通知内容
EVENTS = {"approve": Event.APPROVE, "ask": Event.ASK, "hold": Event.HOLD, "take": Event.TAKE}
_CHOSEN = re.compile(r"([0-9]{7,8}[ABC]):([0-9]{1,6})")  # receipt number and revision


@dataclass(frozen=True)
class Choice:
    """What somebody asks for on a page: `revision` is that of the content that the page showed."""

    receipt: str  # a receipt number as it is written: the audit log is searched for it
    revision: int
    event: Event
    words: str = ""


@dataclass(frozen=True)
class MailShown:
    """A notice that goes out with the decision; `text` of those to the applicant side alone.

    Without `subject`: it cannot be rendered just now; the decision stands all the same, and the notice is held.
    """

    to: str
    email: str
    subject: str
    text: str = ""


@dataclass(frozen=True)
class Result:
    """What came of a choice, or would come of it.

    `problem`: "" when it was carried out, else why not: a topic under `answers/`, or not_found | not_a_reviewer |
    too_long | no_numbers | look (not in a batch); `params`: what the topic needs; `event`: what it became, as of two
    approvals the first.
    """

    choice: Choice
    problem: str = ""
    params: dict[str, object] = field(default_factory=dict)
    event: Event | None = None
    case: CaseView | None = None  # before the decision; None when there is no such application
    mails: tuple[MailShown, ...] = ()  # that go out
    qualified: bool = False  # the words of an approval have a condition or a question


class _Rollback(Exception):
    """Ends a transaction without its effects."""


def choice_of(asked: Asked, receipt: ReceiptNumber | None) -> Choice | None:
    """The choice in the form of the page of an application; None when it has none, or there is no receipt number."""
    event, revision = EVENTS.get(asked.text("do")), asked.number("revision")
    words = asked.text("words").replace("\r\n", "\n").strip()
    if event is None or receipt is None:
        return None
    return Choice(str(receipt), revision, event, words)


def ticked(asked: Asked) -> tuple[Choice, ...]:
    """The choices in the form of the queue: each tick has a receipt number and a revision."""
    event = EVENTS.get(asked.text("do"))
    found = [_CHOSEN.fullmatch(value) for value in asked.form.get("receipt", ())]
    if event not in (Event.TAKE, Event.APPROVE):
        return ()
    return tuple(Choice(one[1], int(one[2]), event) for one in found if one is not None)


def reviewer_of(login: DeskLogin) -> Reviewer | None:
    """The reviewer of the register whose log-in it is, in the caller's `Store.reading`; None now."""
    return offices.reviewer(login.email) if login.may(REVIEWERS) else None


def decide(choice: Choice, asked: Asked, context: DeskContext, *, in_batch: bool = False) -> Result:
    """Carry a choice out, in a transaction of its own, with its row in the audit log."""
    _make_ready(choice, asked, context)
    with context.store.transaction():
        result, notices = _carried_out(choice, asked, context, in_batch=in_batch)
        absences.end(asked.login.email)  # a reviewer who decides is not away
        if not result.problem:
            enqueue_notices(notices, asked.now, context)
        refused = f": refused, {result.problem}" if result.problem else ""
        done = f"{choice.event.value} revision {choice.revision}{refused}"
        audit.append(asked.now, asked.login.email, done, application_subject(choice.receipt))
    return result


def foresee(choice: Choice, asked: Asked, context: DeskContext, *, in_batch: bool = False) -> Result:
    """What `decide` would do now, with the mails that would go out: the same way, rolled back."""
    _make_ready(choice, asked, context)
    try:
        with context.store.transaction():
            result, notices = _carried_out(choice, asked, context, in_batch=in_batch)
            raise _Rollback
    except _Rollback:  # the mails are rendered only now, while nobody waits for the store
        return replace(result, mails=() if result.problem else tuple(_shown(one, context) for one in notices))


def _make_ready(choice: Choice, asked: Asked, context: DeskContext) -> None:
    """What an approval needs in its transaction and takes time."""
    receipt = ReceiptNumber.find(choice.receipt)
    if choice.event is not Event.APPROVE or receipt is None:
        return

    def chosen() -> list[Application]:
        return [one for one in [application_store.by_receipt(receipt)] if one is not None]

    make_ready(chosen, asked.now, context)


def _carried_out(
    choice: Choice, asked: Asked, context: DeskContext, *, in_batch: bool
) -> tuple[Result, tuple[Notice, ...]]:
    answer = _answer(choice, asked)
    if isinstance(answer, Result):
        return answer, ()
    case = case_of(answer.application, context)
    shown = view(case, asked.language)
    if in_batch and choice.event is Event.APPROVE and needs_a_look(checks_now(case, asked.now, context)):
        return Result(choice, "look", case=shown), ()
    try:
        outcome = carry_out(answer, asked.now, context)
    except NoNumbersLeft as error:
        return Result(choice, "no_numbers", {"scope": error.scope}, case=shown), ()
    return _result(choice, outcome, shown), outcome.notices


def needs_a_look(checks: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """The checks that came out otherwise than they should; that a mail is no reply is a mere fact."""
    return tuple(one for one in checks if not one.ok and one.check is not ReviewCheck.SENDER_TOKEN)


def _answer(choice: Choice, asked: Asked) -> ReviewAnswer | Result:
    receipt = ReceiptNumber.find(choice.receipt)
    application = application_store.by_receipt(receipt) if receipt is not None else None
    reviewer = reviewer_of(asked.login)
    if application is None:
        return Result(choice, "not_found")
    if reviewer is None:
        return Result(choice, "not_a_reviewer")
    if len(choice.words) > LONGEST_WORDS:
        return Result(choice, "too_long", {"length": len(choice.words), "most": LONGEST_WORDS})
    return ReviewAnswer(
        reviewer=reviewer,
        address=asked.login.email,
        application=application,
        revision=choice.revision,
        event=choice.event,
        words=choice.words,
    )


def _result(choice: Choice, outcome: Outcome, case: CaseView) -> Result:
    if outcome.disposition is not Disposition.CARRIED_OUT:
        told = next((n.content for n in outcome.notices if isinstance(n.content, Answer)), None)
        params = dict(told.params) if told is not None else {}
        return Result(choice, outcome.reason.replace("-", "_"), params, case=case)
    event = outcome.application.steps[-1].event if outcome.application is not None else choice.event
    qualified = choice.event is Event.APPROVE and bool(choice.words) and is_qualified(choice.words.split("\n"))
    return Result(choice, event=event, case=case, qualified=qualified)


def _shown(notice: Notice, context: DeskContext) -> MailShown:
    try:
        written = context.writer.write(notice.content, notice.to)
    except Exception:  # any error here is one of the program or a template, which hinders no decision
        log.exception("notice-not-shown")
        return MailShown(notice.to.name, notice.to.email, "")
    text = written.text if notice.to.role in APPLICANT_SIDE else ""
    return MailShown(notice.to.name, notice.to.email, written.subject, text)
