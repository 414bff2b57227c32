"""The contract of an office (契約情報): its codes, IDs and mailboxes, and its people.  Changes are in `effects.py`."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from mailbot.model.people import Administrator, ApplicantContact, Charset, Language


class MailboxKind(StrEnum):
    """メール種別 (S4)."""

    MAIL = "SMTP/POP3"
    EDIFACT = "EDIFACT"


# The codes in 記載例: they cannot be registered, so an example that is sent back unchanged is no application.
EXAMPLE_OFFICE = "000000"
EXAMPLE_USER_CODE = "00000"


class Service(StrEnum):
    """The NACCS service that a 利用者ID belongs to; the last character of its 識別番号 determines it (S2)."""

    NET = "netNACCS"
    GENERAL = "一般NACCS"


def service_of(number: str) -> Service:
    """netNACCS for a final letter, 一般NACCS for a digit (S2, 利用者ID体系).  `number`: 識別番号, 3 characters."""
    return Service.GENERAL if number[-1:].isdigit() else Service.NET


# 処理方式 as named on the screens of NSS; those of netNACCS first.
NET_METHODS = ("net", "web")
METHODS = (*NET_METHODS, "インタ", "インタ・POP3併用", "SMTP/POP3", "SMTP双方向", "EDIFACT", "自社システム用")


def service_of_method(method: str) -> Service:
    """The service of a 処理方式: netNACCS for net and web, else 一般NACCS (S2, S4)."""
    return Service.NET if method in NET_METHODS else Service.GENERAL


IN_HOUSE_METHOD = "自社システム用"  # a password of such an ID cannot be initialised with URY「I」 (S0)


@dataclass(frozen=True)
class UserId:
    """利用者ID: 利用者コード (5) + 識別番号 (3)."""

    code: str
    number: str
    method: str = ""  # 処理方式, one of METHODS
    start: date | None = None  # 利用開始日
    end: date | None = None  # the first day on which an abolished ID does not work
    paid_statistics: bool = False  # 管理統計資料 有料分 (S4)
    free_statistics: bool = False  # 管理統計資料 無料分
    bonded_archive: bool = False  # 保税管理資料保存サービス, which needs paid_statistics

    @property
    def full(self) -> str:
        """All 8 characters."""
        return self.code + self.number

    @property
    def service(self) -> Service:
        """The NACCS service of the ID."""
        return service_of(self.number)

    @property
    def in_house(self) -> bool:
        """Whether the ID is for an in-house system (自社システム用)."""
        return IN_HOUSE_METHOD in self.method

    def abolished(self, day: date) -> bool:
        """Whether the ID is abolished on `day`."""
        return self.end is not None and self.end <= day

    def in_use(self, day: date) -> bool:
        """Whether the ID works on `day`: it has started and is not abolished."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True)
class UserCode:
    """利用者コード, 5 characters, with its 識別番号."""

    code: str
    business: str = ""  # 業種
    division: str = ""  # 区分: 海上 | 航空 | 共用
    responsible: str = ""  # 業務責任者名
    shared_with: tuple[str, ...] = ()  # 事業所コード of the other offices that use the code
    user_ids: tuple[UserId, ...] = ()


@dataclass(frozen=True)
class Mailbox:
    """メールボックス: 事業所コード + 2-digit sequence."""

    id: str
    kind: str  # SMTP/POP3 | EDIFACT


@dataclass(frozen=True)
class Office:
    """An office (事業所): the contracting site, its people and its contract."""

    code: str
    company: str
    name: str
    administrator: Administrator
    company_en: str = ""
    name_en: str = ""
    address: str = ""
    customs: str = ""  # 管轄税関
    division: str = ""  # システム区分
    billing_code: str = ""  # 請求先コード
    language: Language = Language.JA
    charset: Charset = Charset.UTF_8
    password_hash: str = field(default="", repr=False)  # 事業所パスワード, argon2id
    contacts: tuple[ApplicantContact, ...] = ()
    user_codes: tuple[UserCode, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()

    def user_code(self, code: str) -> UserCode | None:
        """The registered 利用者コード `code`, or None."""
        return next((u for u in self.user_codes if u.code == code), None)

    def user_id(self, full: str) -> UserId | None:
        """The registered 利用者ID `full` (8 characters), or None."""
        return next((i for i in self.user_ids() if i.full == full), None)

    def user_ids(self) -> tuple[UserId, ...]:
        """Every registered 利用者ID, in the order of the register."""
        return tuple(i for u in self.user_codes for i in u.user_ids)

    def mailbox(self, mailbox_id: str) -> Mailbox | None:
        """The registered メールボックス `mailbox_id`, or None."""
        return next((m for m in self.mailboxes if m.id == mailbox_id), None)

    @property
    def short_name(self) -> str:
        """企業略称: the first three characters of the 事業所コード (S4, ID通知内容)."""
        return self.code[:3]
