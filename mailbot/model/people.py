"""The people of the desk (specification of the domain, «People and things»)."""

import re
from collections.abc import Container, Iterable
from dataclasses import MISSING, dataclass, fields, replace
from enum import StrEnum

from mailbot.text import fold_address

# An address that the register takes, from a file or of a newcomer: with a dot in its domain.
REGISTERED_ADDRESS = re.compile(r"[^@\s<>(),;:\"\[\]\\]+@[^@\s<>(),;:\"\[\]\\]+\.[^@\s<>(),;:\"\[\]\\.]+")


class Role(StrEnum):
    """In what part somebody writes to the desk, or is written to."""

    CONTACT = "contact"  # 申込担当者
    ADMINISTRATOR = "administrator"  # 管理責任者
    REVIEWER = "reviewer"  # 審査担当者
    OPERATOR = "operator"  # who runs the desk
    OFFICE = "office"  # whoever logs in with the 事業所パスワード
    NOBODY = "nobody"  # not on the register


APPLICANT_SIDE = frozenset({Role.CONTACT, Role.ADMINISTRATOR})  # who applies, and who gets the notices about it


class Language(StrEnum):
    """The languages that notices are written in."""

    JA = "ja"
    EN = "en"


class Charset(StrEnum):
    """The characters that an office's mail programs show: the oldest Japanese ones know ISO-2022-JP only."""

    UTF_8 = "utf-8"
    ISO_2022_JP = "iso-2022-jp"


class Category(StrEnum):
    """The letter at the end of a receipt number (domain, «申込受付番号»)."""

    CONTRACT = "A"  # 利用契約に関する申込
    BROKER_ID = "B"  # 通関士IDの追加
    SYSTEM_SETTING = "C"  # システム設定の申込


@dataclass(frozen=True, kw_only=True)
class ApplicantContact:
    """申込担当者: the person who applies.

    Every attribute is text.  The register requires those without a default; an optional one has the default "".
    Each has its field of the form, with its kind, in `common_fields.CONTACT_FIELDS`; the columns of the register and
    of its files follow from the attributes (docs/how-to/change-the-program.md).
    """

    name: str
    kana: str = ""
    department: str = ""  # 所属部課名
    title: str = ""  # 役職名
    phone: str = ""  # digits only
    fax: str = ""  # digits only
    email: str


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """管理責任者: the office's registered responsible person; gets a copy of every notice.

    Its attributes are some of those of ApplicantContact, with the same meaning.
    """

    name: str
    kana: str = ""
    phone: str = ""  # digits only
    email: str

    def as_contact(self) -> ApplicantContact:
        """The 管理責任者 as a person who applies: what only an ApplicantContact has is ""."""
        return ApplicantContact(**vars(self))


def attribute_names(person: type[ApplicantContact | Administrator]) -> tuple[str, ...]:
    """The attributes of a class of people, in their order."""
    return tuple(attribute.name for attribute in fields(person))


def required_attributes(person: type[ApplicantContact | Administrator]) -> frozenset[str]:
    """The attributes that the register must give: those without a default."""
    return frozenset(attribute.name for attribute in fields(person) if attribute.default is MISSING)


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """審査担当者: decides on the applications of the categories named."""

    name: str
    email: str
    categories: frozenset[Category]
    deputy: str = ""  # address of the reviewer who stands in while this one is away


def with_deputies(reviewers: Iterable[Reviewer], absent: Container[str]) -> list[Reviewer]:
    """`reviewers` as they work today: a deputy also has the categories of those `absent` (folded addresses)."""
    everybody = list(reviewers)
    extra: dict[str, frozenset[Category]] = {}
    for away in everybody:
        if away.deputy and fold_address(away.email) in absent:
            key = fold_address(away.deputy)
            extra[key] = extra.get(key, frozenset()) | away.categories
    return [replace(r, categories=r.categories | extra.get(fold_address(r.email), frozenset())) for r in everybody]
