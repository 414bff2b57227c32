"""契約内容 as a notice shows it: what is registered for an office, in its parts netNACCS and 一般NACCS (S4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.model.application import Application, Step
from mailbot.model.contract import Office, Service, UserCode, UserId
from mailbot.model.lifecycle import Event
from mailbot.model.people import Language
from mailbot.model.procedure import Procedure
from mailbot.notices.display import short_day
from mailbot.notices.values import Case
from mailbot.notices.view import LabelledValue, company, view


@dataclass(frozen=True)
class IdRow:
    """One 利用者ID."""

    user_id: str
    method: str
    business: str
    division: str
    start: str  # 利用開始日
    end: str  # the day of its abolition
    shared: bool
    paid_statistics: bool  # 管理統計資料 有料分
    free_statistics: bool  # … 無料分
    bonded_archive: bool  # 保税管理資料保存サービス


@dataclass(frozen=True)
class ContractPart:
    """What belongs to one of the services."""

    service: str
    rows: tuple[IdRow, ...]
    mailboxes: tuple[str, ...]


@dataclass(frozen=True)
class ContractView:
    """One office's contract in one language."""

    office_code: str
    company: str
    facts: tuple[LabelledValue, ...]
    parts: tuple[ContractPart, ...]
    coming: tuple[tuple[str, str], ...]  # start date and what changes then


@dataclass(frozen=True)
class NewsRow:
    """One row of 新着情報."""

    day: str
    category: str  # letter
    receipt: str
    event: Event
    title: str  # of the procedure


def news_row(application: Application, step: Step, procedure: Procedure, language: Language) -> NewsRow:
    """What 新着情報 says of a step of `application`."""
    title = procedure.title(language, application.revision.filled)
    return NewsRow(short_day(step.at), procedure.category.value, str(application.receipt or ""), step.event, title)


_FACTS: dict[str, dict[Language, str]] = {
    "company_en": {Language.JA: "企業名（英）", Language.EN: "Company (English)"},
    "name_en": {Language.JA: "事業所名（英）", Language.EN: "Office (English)"},
    "address": {Language.JA: "所在地", Language.EN: "Address"},
    "customs": {Language.JA: "管轄税関", Language.EN: "Customs"},
    "division": {Language.JA: "システム区分", Language.EN: "System"},
    "billing_code": {Language.JA: "請求先コード", Language.EN: "Billing code"},
}
_RESPONSIBLE = {Language.JA: "業務責任者名（{}）", Language.EN: "Person responsible ({})"}
_ADMINISTRATOR = {Language.JA: "管理責任者", Language.EN: "Administrator"}


def contract_view(office: Office, coming: Sequence[Case], today: date, language: Language) -> ContractView:
    """The contract on `today`; `coming`: applications that wait for their 利用開始日."""
    facts = [LabelledValue(labels[language], getattr(office, name)) for name, labels in _FACTS.items()]
    facts.append(LabelledValue(_ADMINISTRATOR[language], office.administrator.name))
    facts += [LabelledValue(_RESPONSIBLE[language].format(u.code), u.responsible) for u in office.user_codes]
    return ContractView(
        office.code,
        company(office, language),
        tuple(fact for fact in facts if fact.value),
        tuple(_part(office, service, today) for service in Service),
        tuple(_coming(case, language) for case in coming),
    )


def _part(office: Office, service: Service, today: date) -> ContractPart:
    rows = [
        _row(user_code, user_id)
        for user_code in office.user_codes
        for user_id in user_code.user_ids
        if user_id.service is service and not user_id.abolished(today)
    ]
    # メールボックス are listed under 一般NACCS (S4).
    boxes = [f"{m.id} {m.kind}" for m in office.mailboxes] if service is Service.GENERAL else []
    return ContractPart(service.value, tuple(rows), tuple(boxes))


def _row(user_code: UserCode, user_id: UserId) -> IdRow:
    start = short_day(user_id.start) if user_id.start else ""
    end = short_day(user_id.end) if user_id.end else ""
    shared = bool(user_code.shared_with)
    return IdRow(
        user_id.full,
        user_id.method,
        user_code.business,
        user_code.division,
        start,
        end,
        shared,
        user_id.paid_statistics,
        user_id.free_statistics,
        user_id.bonded_archive,
    )


def _coming(case: Case, language: Language) -> tuple[str, str]:
    shown = view(case, language)
    changes = (f"{row.before or '―'} → {row.after or '―'}" for row in shown.contract if row.changed)
    return f"{shown.start} [{shown.receipt}]", "\n".join(changes)
