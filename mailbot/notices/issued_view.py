"""ID通知内容: the issued IDs with what S4's screen says of each."""

from collections.abc import Collection
from dataclasses import dataclass

from mailbot.model.contract import Office
from mailbot.model.lifecycle import State
from mailbot.notices.values import Case
from mailbot.notices.view import CaseView


@dataclass(frozen=True)
class IssuedId:
    """One ID.  `detail`: メール種別 of a mailbox, 処理方式 of a 利用者ID; `business`: 業種 and 区分 of a 利用者ID."""

    code: str
    is_mailbox: bool
    detail: str
    business: str
    can_be_shown: bool
    seen: bool


def issued_ids(case: Case, shown: CaseView, viewable: Collection[str], seen: Collection[str]) -> tuple[IssuedId, ...]:
    """The IDs of a completed application, 利用者ID first; () before.  `viewable`: whose passwords can be shown."""
    if case.application.state is not State.COMPLETED:
        return ()
    details = {line.code: line.detail for line in case.contract if line.code}
    return tuple(
        IssuedId(
            code,
            is_mailbox=code in shown.mailboxes,
            detail=details.get(code) or _registered_detail(case.office, code),
            business="" if code in shown.mailboxes else _business(case.office, code),
            can_be_shown=code in viewable,
            seen=code in seen,
        )
        for code in (*shown.user_ids, *shown.mailboxes)
    )


def _registered_detail(office: Office, code: str) -> str:
    mailbox, user_id = office.mailbox(code), office.user_id(code)
    return mailbox.kind if mailbox is not None else user_id.method if user_id is not None else ""


def _business(office: Office, user_id: str) -> str:
    code = office.user_code(user_id[:5])
    return "・".join(filter(None, (code.business, code.division))) if code is not None else ""
