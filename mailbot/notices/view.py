"""An application as notices show it: every value already in the words of one language."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from mailbot.clock import tokyo_date
from mailbot.model.application import Actor, Application, Step
from mailbot.model.common_fields import COMMON_FIELDS, CONTACT_FIELDS
from mailbot.model.contract import Office
from mailbot.model.effects import Item
from mailbot.model.lifecycle import INTERNAL_EVENTS, Event, State
from mailbot.model.people import Language
from mailbot.model.procedure import Change, Field, FieldKind, Finding, Ticks
from mailbot.notices.display import ContractRow, contract_row, day, display, short_day, with_detail
from mailbot.notices.values import Case, ThisCase
from mailbot.text import one_line

_NOT_SHOWN = frozenset({"contact_email_again"})
# What a notice leaves out: the reader knows his colleague, and the name stands apart.
_KNOWN = frozenset({"contact_name", "contact_kana", "contact_department", "contact_title", "contact_fax"})


class LabelledValue(NamedTuple):
    """One field with its value; "" when nothing was written."""

    label: str
    value: str


class LabelledFinding(NamedTuple):
    """A finding with the label of its field, "" without one."""

    label: str
    finding: Finding


@dataclass(frozen=True)
class HistoryRow:
    """One row of 進行状況: 作業項目 (named in the templates), 作業日, 通知内容."""

    event: Event
    day: str
    by: Actor
    words: str


@dataclass(frozen=True)
class CaseView:
    """One application in one language."""

    receipt: str  # "" for a draft
    procedure: str  # its name
    title: str  # of the procedure, by what the application changes
    change: Change | None  # of the contract: what is added and abolished
    category: str  # letter
    state: State
    revision: int
    submitted: str  # "" for a draft
    last_touched: str
    content: tuple[LabelledValue, ...]
    subjects: tuple[LabelledValue, ...]  # … and of it the fields that name 利用者ID and メールボックスID
    contact: tuple[LabelledValue, ...]
    applicant: str  # name of the 申込担当者
    reached_at: tuple[LabelledValue, ...]  # telephone, address and the like of the 申込担当者
    missing: tuple[LabelledFinding, ...]  # of a draft: what keeps it from being submitted
    other_words: tuple[str, ...]  # what the mails say besides the fields
    history: tuple[HistoryRow, ...]  # every step
    progress: tuple[HistoryRow, ...]  # the steps that concern the applicant
    answer_by: str
    view_first: str
    view_last: str
    taken_by: str  # name of the reviewer in charge
    held: bool
    decided: str  # 審査終了日
    starts: bool  # whether an approval has a 利用開始日, and so a 承認通知
    start: str  # confirmed 利用開始日
    start_differs: bool  # … and whether it is another day than the one that was wished
    wished: str  # … and that day, "" when it is the same
    in_effect: bool
    contract: tuple[ContractRow, ...]  # 変更前 / 変更後, every line
    user_ids: tuple[str, ...]  # whose passwords are issued: 利用者ID …
    mailboxes: tuple[str, ...]  # … and メールボックスID, whose passwords have another name and no URY (S4)
    office_code: str
    company: str  # 企業名 and 事業所名
    office_lines: str  # 企業名; 事業所名 and 事業所コード


def view(case: Case, language: Language) -> CaseView:
    """`case` in its present state."""
    return _view(ThisCase(case), language)


@lru_cache(maxsize=8)  # the copies of a notice, its papers and its calendar files show the same case
def _view(this: ThisCase, language: Language) -> CaseView:
    case, application = this.case, this.case.application
    period = application.view_period
    history = tuple(_row(step) for step in application.steps)
    user_ids, mailboxes = _ids_with_passwords(case)
    wished = _other_wish(application)
    return CaseView(
        receipt=str(application.receipt or ""),
        procedure=case.procedure.name,
        title=case.procedure.title(language, application.revision.filled),
        change=case.procedure.change(application.revision.filled),
        category=case.procedure.category.value,
        state=application.state,
        revision=application.revision.number,
        submitted=day(application.submitted_at, language) if application.submitted_at else "",
        last_touched=day(application.revision.made_at, language),
        content=tuple(_labelled(case, field, language) for field in case.procedure.fields),
        subjects=tuple(
            _labelled(case, field, language)
            for field in case.procedure.fields
            if field.kind is FieldKind.USER_IDS or field.ticks is Ticks.MAILBOXES
        ),
        contact=tuple(_labelled(case, field, language) for field in CONTACT_FIELDS if field.name not in _NOT_SHOWN),
        applicant=application.revision.contact.name,
        reached_at=tuple(
            _labelled(case, field, language) for field in CONTACT_FIELDS if field.name not in _NOT_SHOWN | _KNOWN
        ),
        missing=_missing(case, language),
        other_words=application.revision.filled.other_words,
        history=history,
        progress=tuple(row for row in history if row.event not in INTERNAL_EVENTS),
        answer_by=_day(_answer_by(application), language),
        view_first=_day(period.first if period else None, language),
        view_last=_day(period.last if period else None, language),
        taken_by=_in_charge(application),
        held=application.held,
        decided=day(application.decided_at, language) if application.decided_at else "",
        starts=case.procedure.starts,
        start=_day(application.start_date, language),
        start_differs=wished is not None,
        wished=_day(wished, language),
        in_effect=application.in_effect,
        contract=tuple(contract_row(line, language) for line in case.contract),
        user_ids=user_ids,
        mailboxes=mailboxes,
        office_code=case.office.code,
        company=company(case.office, language),
        office_lines=_office_lines(case.office, language),
    )


def _in_charge(application: Application) -> str:
    """The name of the reviewer in charge as the history has it, the address where it has none; "" without one."""
    if not application.taken_by:
        return ""
    names = (step.actor.name for step in reversed(application.steps) if step.actor.email == application.taken_by)
    return next(filter(None, names), application.taken_by)


def _ids_with_passwords(case: Case) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """利用者ID and メールボックスID whose passwords are issued: what is added, or what the form names."""
    if case.procedure.starts:
        added = [line for line in case.contract if line.code and line.after and not line.before]
        user_ids, mailboxes = ([line.code for line in added if line.item is i] for i in (Item.USER_ID, Item.MAILBOX))
        return tuple(user_ids), tuple(mailboxes)
    filled, fields = case.application.revision.filled, case.procedure.fields
    user_ids = [code for f in fields if f.kind is FieldKind.USER_IDS for code in filled.codes(f.name)]
    mailboxes = [code for f in fields if f.ticks is Ticks.MAILBOXES for code in filled.codes(f.name)]
    return tuple(user_ids), tuple(mailboxes)


def _missing(case: Case, language: Language) -> tuple[LabelledFinding, ...]:
    if not case.findings:
        return ()
    labels = labels_of(case, language)
    return tuple(LabelledFinding(labels.get(one.field, ""), one) for one in case.findings)


def labels_of(case: Case | None, language: Language) -> dict[str, str]:
    """Field.name → its label, for saying which field a finding means."""
    fields = COMMON_FIELDS + (case.procedure.fields if case else ())
    return {field.name: field.label(language) for field in fields}


def _other_wish(application: Application) -> date | None:
    """The day that was wished for, where the 利用開始日 is another one."""
    wish = application.revision.filled.day("wished_start")
    return wish if application.start_date is not None and application.start_date != wish else None


def company(office: Office, language: Language) -> str:
    """企業名 and 事業所名 on one line; the English names where they are asked for and known."""
    return (", " if language is Language.EN else "　").join(filter(None, _names(office, language)))


def _names(office: Office, language: Language) -> tuple[str, str]:
    """企業名 and 事業所名."""
    if language is Language.EN:
        return office.company_en or office.company, office.name_en or office.name
    return office.company, office.name


def _office_lines(office: Office, language: Language) -> str:
    names = [one_line(name) for name in _names(office, language) if name]
    return "\n".join([*names[:-1], with_detail(names[-1] if names else "", office.code, language)])


def _row(step: Step) -> HistoryRow:
    return HistoryRow(step.event, short_day(step.at), step.actor, step.words)


def _labelled(case: Case, field: Field, language: Language) -> LabelledValue:
    revision = case.application.revision
    value = revision.filled.values.get(field.name, "")
    return LabelledValue(field.label(language), display(field, value, language, case.office))


def _answer_by(application: Application) -> date | None:
    return tokyo_date(application.answer_by) if application.answer_by else None


def _day(value: date | None, language: Language) -> str:
    return day(value, language) if value else ""
