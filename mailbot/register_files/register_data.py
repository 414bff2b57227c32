"""register.toml (specification of the interfaces, «register.toml»)."""

import tomllib
from pathlib import Path
from typing import Any

import tomli_w
from argon2 import PasswordHasher
from pydantic import ValidationError

from mailbot.errors import Permanent
from mailbot.model.contract import Mailbox, Office, UserCode, UserId
from mailbot.model.people import Administrator, ApplicantContact, Category, Charset, Language, Reviewer
from mailbot.model.register import Register
from mailbot.register_files.shapes import OfficeShape, RegisterShape, shape_problems
from mailbot.text import fold_address, fold_code


def read_toml(path: Path, problems: list[str]) -> Register:
    """The register in a TOML file; problems of its shape go to `problems`.  Raises Permanent, OSError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Permanent(f"{path}: not readable as TOML in UTF-8: {error}") from error
    return register_of(data, problems)


def register_of(data: dict[str, Any], problems: list[str]) -> Register:
    """Plain data (as TOML reads it) → Register; empty, with problems, when the shape is wrong."""
    try:
        shape = RegisterShape.model_validate(data)
    except ValidationError as error:
        problems.extend(shape_problems(error, data))
        return Register()
    reviewers = (
        Reviewer(r.name, fold_address(r.email), frozenset(Category(c) for c in r.categories), fold_address(r.deputy))
        for r in shape.reviewer
    )
    return Register(tuple(_office(o) for o in shape.office), tuple(reviewers))


def _office(shape: OfficeShape) -> Office:
    chief = shape.administrator
    return Office(
        code=fold_code(shape.code),
        company=shape.company,
        name=shape.name,
        administrator=Administrator(chief.name, chief.kana, _digits(chief.phone), fold_address(chief.email)),
        company_en=shape.company_en,
        name_en=shape.name_en,
        address=shape.address,
        customs=shape.customs,
        division=shape.division,
        language=Language(shape.language),
        charset=Charset(shape.charset),
        password_hash=PasswordHasher().hash(shape.password) if shape.password else shape.password_hash,
        contacts=tuple(
            ApplicantContact(
                c.name, c.kana, c.department, c.title, _digits(c.phone), _digits(c.fax), fold_address(c.email)
            )
            for c in shape.contact
        ),
        user_codes=tuple(
            UserCode(
                fold_code(u.code),
                u.business,
                u.division,
                u.responsible,
                tuple(fold_code(code) for code in u.shared_with),
                tuple(UserId(fold_code(u.code), fold_code(i.number), i.method, i.start, i.end) for i in u.user_id),
            )
            for u in shape.user_code
        ),
        mailboxes=tuple(Mailbox(fold_code(m.id), m.kind) for m in shape.mailbox),
    )


def _digits(text: str) -> str:
    return fold_code(text).replace("-", "")


def write_toml(register: Register, path: Path) -> None:
    """Write the register; reading it back gives the same register."""
    path.write_text(tomli_w.dumps(data_of(register)), encoding="utf-8")


def data_of(register: Register) -> dict[str, Any]:
    """Register → plain data; what is empty is left out."""
    return {
        "office": [_office_data(office) for office in register.offices],
        "reviewer": [
            _without_empty({"name": r.name, "email": r.email, "deputy": r.deputy})
            | {"categories": sorted(c.value for c in r.categories)}
            for r in register.reviewers
        ],
    }


def _office_data(office: Office) -> dict[str, Any]:
    plain = {name: getattr(office, name) for name in OfficeShape.model_fields if name not in _STRUCTURED}
    return _without_empty(plain) | {
        "language": office.language.value,
        "charset": office.charset.value,
        "administrator": _without_empty(vars(office.administrator)),
        "contact": [_without_empty(vars(c)) for c in office.contacts],
        "user_code": [_user_code_data(u) for u in office.user_codes],
        "mailbox": [vars(m) for m in office.mailboxes],
    }


_STRUCTURED = ("password", "language", "charset", "administrator", "contact", "user_code", "mailbox")


def _user_code_data(user_code: UserCode) -> dict[str, Any]:
    ids = [_without_empty({k: v for k, v in vars(i).items() if k != "code"}) for i in user_code.user_ids]
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(user_code).items() if k != "user_ids"}
    return _without_empty(plain) | {"user_id": ids}


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, [], ())}
