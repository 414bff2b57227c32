"""利用者コード that offices share: one is abolished when every office has applied (S2, 注意)."""

from collections.abc import Iterable

from mailbot.model.application import Application
from mailbot.model.common_rules import abolition_of
from mailbot.model.contract import Office
from mailbot.model.lifecycle import State
from mailbot.records.applications import application_queries
from mailbot.records.register import offices


def waiting_for(office: Office, subjects: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """利用者コード to be abolished → the sharing offices that have not applied for it, each as 事業所コード."""
    claimed = set(subjects)
    shared = (u for u in office.user_codes if u.shared_with and abolition_of(u.code) in claimed)
    found = {u.code: tuple(other for other in u.shared_with if _still_holds(other, u.code)) for u in shared}
    return {code: offices for code, offices in found.items() if offices}


def _still_holds(office_code: str, code: str) -> bool:
    """Whether an office has the code in its contract, and no application for its abolition."""
    office = offices.office(office_code)
    if office is None or office.user_code(code) is None:
        return False
    return all(
        application.office != office_code for application in application_queries.with_subject(abolition_of(code))
    )


def partners(application: Application, office: Office, subjects: Iterable[str]) -> list[Application]:
    """The applications of other offices, waiting for review, that abolish a 利用者コード this one abolishes too."""
    claimed = set(subjects)
    codes = [u.code for u in office.user_codes if u.shared_with and abolition_of(u.code) in claimed]
    found = {a.id: a for code in codes for a in application_queries.with_subject(abolition_of(code))}
    return [a for a in found.values() if a.office != application.office and a.state is State.RECEIVED]
