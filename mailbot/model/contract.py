"""What an office has registered (契約情報).  The changes to it are in `effects.py`."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from mailbot.model.people import Administrator, ApplicantContact, Charset, Language


class MailboxKind(StrEnum):
    """メール種別 (S4)."""

    MAIL = "SMTP/POP3"
    EDIFACT = "EDIFACT"


class Service(StrEnum):
    """Which of the two services a 利用者ID belongs to: told by the last character of its 識別番号 (S2)."""

    NET = "netNACCS"
    GENERAL = "一般NACCS"


def service_of(number: str) -> Service:
    """A letter at the end is netNACCS, a digit 一般NACCS (S2, 利用者ID体系).  `number` has 3 characters."""
    return Service.GENERAL if number[-1:].isdigit() else Service.NET


# 処理方式, as the contract's tables name them; those of netNACCS first.
NET_METHODS = ("net", "web")
METHODS = (*NET_METHODS, "インタ", "インタ・POP3併用", "SMTP/POP3", "SMTP双方向", "EDIFACT", "自社システム用")


def service_of_method(method: str) -> Service:
    """Which service an ID of a 処理方式 belongs to (S2, S4: net and web are netNACCS's)."""
    return Service.NET if method in NET_METHODS else Service.GENERAL


IN_HOUSE_METHOD = "自社システム用"  # such an ID cannot be initialised with URY「I」 (S0)


@dataclass(frozen=True)
class UserId:
    """利用者ID: 利用者コード (5) + 識別番号 (3)."""

    code: str
    number: str
    method: str = ""  # 処理方式: net, インタ, …
    start: date | None = None  # 利用開始日
    end: date | None = None  # the day from which it no longer works, once abolished

    @property
    def full(self) -> str:
        """All 8 characters."""
        return self.code + self.number

    @property
    def service(self) -> Service:
        return service_of(self.number)

    @property
    def in_house(self) -> bool:
        return IN_HOUSE_METHOD in self.method

    def abolished(self, day: date) -> bool:
        """Whether it has stopped working by `day`."""
        return self.end is not None and self.end <= day

    def in_use(self, day: date) -> bool:
        """Whether the ID works on `day`: started, and not abolished."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True)
class UserCode:
    """利用者コード, 5 characters, with its 識別番号."""

    code: str
    business: str = ""  # 業種
    division: str = ""  # 区分: 海上 | 航空 | 共用
    responsible: str = ""  # 業務責任者名
    shared_with: tuple[str, ...] = ()  # 事業所コード of the other offices
    user_ids: tuple[UserId, ...] = ()


@dataclass(frozen=True)
class Mailbox:
    """メールボックス: 事業所コード + 2-digit sequence."""

    id: str
    kind: str  # SMTP/POP3 | EDIFACT


@dataclass(frozen=True)
class Office:
    """事業所: the contracting site, its people and its contract."""

    code: str
    company: str
    name: str
    administrator: Administrator
    company_en: str = ""
    name_en: str = ""
    address: str = ""
    customs: str = ""  # 管轄税関
    division: str = ""  # システム区分
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

    @property
    def short_name(self) -> str:
        """企業略称: the first three characters of the 事業所コード (S4, ID通知内容)."""
        return self.code[:3]
