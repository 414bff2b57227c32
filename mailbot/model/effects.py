"""Effects of an approved application on the contract: one class for each kind of change, and their application.

A procedure returns effects without the numbers they add; the approval allocates the numbers (`numbering.py`); on the
利用開始日 `apply_effects` changes the contract.  A new kind of contract item adds its class here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mailbot.model.contract import Mailbox, Office, UserCode, UserId


@dataclass(frozen=True)
class IssuePassword:
    """Issue a 仮パスワード for a registered 利用者ID, valid at once (S0)."""

    user_id: str


@dataclass(frozen=True)
class IssueMailboxPassword:
    """Issue a メールボックスパスワード for a registered メールボックスID, valid at once (S4)."""

    mailbox: str


@dataclass(frozen=True)
class AddUserId:
    """Add a 識別番号 under a 利用者コード (S2, S3)."""

    code: str
    method: str
    number: str = ""  # 識別番号, "" until the approval allocates it
    badge: str = ""  # 通関士証票番号 as it goes into the UTB screen

    @property
    def user_id(self) -> str:
        """The 利用者ID; only the 利用者コード before the allocation."""
        return self.code + self.number


@dataclass(frozen=True)
class AbolishUserId:
    """Abolish a 利用者ID: it does not work from the 利用開始日 on (S2)."""

    user_id: str


@dataclass(frozen=True)
class AbolishUserCode:
    """Remove a 利用者コード from the contract (S2)."""

    code: str


@dataclass(frozen=True)
class AddMailbox:
    """Add a メールボックス (S4)."""

    kind: str
    id: str = ""  # メールボックスID, "" until the approval allocates it


@dataclass(frozen=True)
class AbolishMailbox:
    """Remove a メールボックス from the contract (S4)."""

    id: str


Effect = (
    IssuePassword | IssueMailboxPassword | AddUserId | AbolishUserId | AbolishUserCode | AddMailbox | AbolishMailbox
)
KINDS: dict[str, type[Effect]] = {
    "issue_password": IssuePassword,
    "issue_mailbox_password": IssueMailboxPassword,
    "add_user_id": AddUserId,
    "abolish_user_id": AbolishUserId,
    "abolish_user_code": AbolishUserCode,
    "add_mailbox": AddMailbox,
    "abolish_mailbox": AbolishMailbox,
}


def password_id(effect: Effect) -> str:
    """The 利用者ID or メールボックスID for which the effect issues a password; "" when it issues none."""
    match effect:
        case IssuePassword(code) | IssueMailboxPassword(code):
            return code
        case AddUserId():
            return effect.user_id
        case AddMailbox():
            return effect.id
        case _:
            return ""


def apply_effects(office: Office, effects: Iterable[Effect], start: date) -> Office:
    """The office with its contract as it is from `start` on.  Idempotent."""
    for effect in effects:
        office = _apply(office, effect, start)
    return office


def _apply(office: Office, effect: Effect, start: date) -> Office:
    match effect:
        case AddUserId():
            new = UserId(effect.code, effect.number, effect.method, start)
            return _with_code(office, effect.code, lambda code: _with_id(code, new))
        case AbolishUserId(user_id):
            return _with_code(office, user_id[:5], lambda code: _ended(code, user_id, start))
        case AbolishUserCode(abolished):
            return replace(office, user_codes=tuple(u for u in office.user_codes if u.code != abolished))
        case AddMailbox(kind, mailbox_id):
            if any(m.id == mailbox_id for m in office.mailboxes):
                return office
            return replace(office, mailboxes=(*office.mailboxes, Mailbox(mailbox_id, kind)))
        case AbolishMailbox(mailbox_id):
            return replace(office, mailboxes=tuple(m for m in office.mailboxes if m.id != mailbox_id))
        case IssuePassword() | IssueMailboxPassword():
            return office  # passwords are not part of the contract


def _with_code(office: Office, code: str, change) -> Office:  # type: ignore[no-untyped-def]
    return replace(office, user_codes=tuple(change(u) if u.code == code else u for u in office.user_codes))


def _with_id(code: UserCode, new: UserId) -> UserCode:
    known = any(i.full == new.full for i in code.user_ids)
    return code if known else replace(code, user_ids=(*code.user_ids, new))


def _ended(code: UserCode, user_id: str, end: date) -> UserCode:
    ids = (replace(i, end=end) if i.full == user_id and not i.abolished(end) else i for i in code.user_ids)
    return replace(code, user_ids=tuple(ids))


class Item(StrEnum):
    """The kind of contract item that a line of 変更前 / 変更後 shows."""

    USER_CODE = "user_code"
    USER_ID = "user_id"
    MAILBOX = "mailbox"


@dataclass(frozen=True)
class ContractLine:
    """One line of 変更前 / 変更後: whether the item exists before, and whether it exists after."""

    item: Item
    code: str  # code or ID; "" for an addition without an allocated number
    detail: str  # 処理方式 or メール種別
    before: bool
    after: bool
    # As registered, for the papers: the columns of S4.
    business: str = ""  # 業種
    division: str = ""  # 区分
    shared: bool = False  # 他事業所と共用
    paid_statistics: bool = False
    free_statistics: bool = False
    bonded_archive: bool = False
    start: date | None = None  # 利用開始日 of an ID that is registered

    @property
    def changed(self) -> bool:
        """Whether the item is added or removed."""
        return self.before != self.after


def contract_lines(office: Office, effects: Sequence[Effect], day: date) -> tuple[ContractLine, ...]:
    """変更前 / 変更後 of `effects` for the contract on `day`: every ID of a changed 利用者コード, and every mailbox
    when one changes; () when the contract does not change.
    """
    codes = dict.fromkeys(code for e in effects if (code := _code_changed(e)))
    lines: list[ContractLine] = []
    for code in codes:
        lines += _lines_of_code(office, code, effects, day)
    if any(isinstance(e, (AddMailbox, AbolishMailbox)) for e in effects):
        lines += _mailbox_lines(office, effects)
    return tuple(lines)


def _code_changed(effect: Effect) -> str:
    match effect:
        case AddUserId(code) | AbolishUserCode(code):
            return code
        case AbolishUserId(user_id):
            return user_id[:5]
        case _:
            return ""


def _lines_of_code(office: Office, code: str, effects: Sequence[Effect], day: date) -> list[ContractLine]:
    known = office.user_code(code)
    code_abolished = AbolishUserCode(code) in effects
    like = _columns_of_code(code, known)
    lines = [replace(like, detail=like.business, before=True, after=False)] if code_abolished else []
    like = replace(like, item=Item.USER_ID)
    present = {i.full: i for i in (known.user_ids if known else ()) if not i.abolished(day)}
    added = [e for e in effects if isinstance(e, AddUserId) and e.code == code]
    new = {e.user_id for e in added}
    for full, one in present.items():
        stays = AbolishUserId(full) not in effects and not code_abolished
        lines.append(replace(_columns_of_id(like, one), before=full not in new, after=stays))
    lines += [
        replace(like, code=e.user_id if e.number else "", detail=e.method, before=False, after=True)
        for e in added
        if e.user_id not in present
    ]
    return lines


def _columns_of_code(code: str, known: UserCode | None) -> ContractLine:
    """A line of a 利用者コード, with the columns that its IDs have from it."""
    one = known or UserCode(code)
    shared = bool(one.shared_with)
    return ContractLine(
        Item.USER_CODE, code, "", before=False, after=False, business=one.business, division=one.division, shared=shared
    )


def _columns_of_id(like: ContractLine, one: UserId) -> ContractLine:
    return replace(
        like,
        code=one.full,
        detail=one.method,
        paid_statistics=one.paid_statistics,
        free_statistics=one.free_statistics,
        bonded_archive=one.bonded_archive,
        start=one.start,
    )


def _mailbox_lines(office: Office, effects: Sequence[Effect]) -> list[ContractLine]:
    added = [e for e in effects if isinstance(e, AddMailbox)]
    new = {e.id for e in added}
    lines = [
        ContractLine(Item.MAILBOX, m.id, m.kind, before=m.id not in new, after=AbolishMailbox(m.id) not in effects)
        for m in office.mailboxes
    ]
    known = {m.id for m in office.mailboxes}
    removed = [e for e in effects if isinstance(e, AbolishMailbox) and e.id not in known]
    lines += [ContractLine(Item.MAILBOX, e.id, "", before=True, after=False) for e in removed]
    return lines + [
        ContractLine(Item.MAILBOX, e.id, e.kind, before=False, after=True) for e in added if e.id not in known
    ]
