"""Between the Register and plain data: lists and dictionaries as in a TOML file; a spreadsheet has them flattened."""

from collections.abc import Callable
from typing import Any, TypeVar

from argon2 import PasswordHasher
from pydantic import BaseModel, ValidationError

from mailbot.model.common_fields import contact_field
from mailbot.model.contract import Mailbox, Office, UserCode, UserId
from mailbot.model.people import Administrator, ApplicantContact, Category, Charset, Language, Reviewer
from mailbot.model.procedure import FieldKind
from mailbot.model.register import Register
from mailbot.register_files.register_shapes import OfficeShape, RegisterShape, UserIdShape, flat_names, shape_problems
from mailbot.text import fold_address, fold_code

_NOT_PLAIN = ("password", "language", "charset")  # never written, or not as the text that it is
_Person = TypeVar("_Person", ApplicantContact, Administrator)


def register_of(data: dict[str, Any], problems: list[str]) -> Register:
    """The Register of plain data.  When its shape is wrong: an empty one, and the problems are added to `problems`."""
    try:
        shape = RegisterShape.model_validate(data)
    except ValidationError as error:
        problems.extend(shape_problems(error, data))
        return Register()
    reviewers = (
        Reviewer(
            name=r.name,
            email=fold_address(r.email),
            categories=frozenset(Category(c) for c in r.categories),
            deputy=fold_address(r.deputy),
        )
        for r in shape.reviewer
    )
    return Register(
        tuple(_office_of(o) for o in shape.office),
        tuple(reviewers),
        written_at=shape.written_at,
        new_passwords=frozenset(fold_code(o.code) for o in shape.office if o.password),
    )


def _office_of(shape: OfficeShape) -> Office:
    return Office(
        code=fold_code(shape.code),
        company=shape.company,
        name=shape.name,
        administrator=_person_of(Administrator, shape.administrator),
        company_en=shape.company_en,
        name_en=shape.name_en,
        address=shape.address,
        customs=shape.customs,
        division=shape.division,
        billing_code=shape.billing_code,
        language=Language(shape.language),
        charset=Charset(shape.charset),
        password_hash=PasswordHasher().hash(shape.password) if shape.password else shape.password_hash,
        contacts=tuple(_person_of(ApplicantContact, c) for c in shape.contact),
        user_codes=tuple(
            UserCode(
                fold_code(u.code),
                u.business,
                u.division,
                u.responsible,
                tuple(fold_code(code) for code in u.shared_with),
                tuple(_user_id_of(u.code, i) for i in u.user_id),
            )
            for u in shape.user_code
        ),
        mailboxes=tuple(Mailbox(fold_code(m.id), m.kind) for m in shape.mailbox),
    )


def _user_id_of(code: str, shape: UserIdShape) -> UserId:
    return UserId(fold_code(code), **shape.model_dump() | {"number": fold_code(shape.number)})


def _person_of(person: type[_Person], shape: BaseModel) -> _Person:
    """Each attribute as its kind of field is kept."""
    return person(**{name: _folded(name, text) for name, text in shape.model_dump().items()})


def _folded(attribute: str, text: str) -> str:
    fold = _FOLDS.get(contact_field(attribute).kind)
    return fold(text) if fold is not None else text


def _digits(text: str) -> str:
    """A telephone number without its hyphens; what else is no digit stays, and `register_checks` reports it."""
    return fold_code(text).replace("-", "")


_FOLDS: dict[FieldKind, Callable[[str], str]] = {
    FieldKind.CODE: fold_code,
    FieldKind.PHONE: _digits,
    FieldKind.EMAIL: fold_address,
}


def data_of(register: Register) -> dict[str, Any]:
    """The plain data of a Register; what is empty is left out."""
    written = {"written_at": register.written_at} if register.written_at is not None else {}
    return written | {
        "office": [_office_data(office) for office in register.offices],
        "reviewer": [
            _without_empty({"name": r.name, "email": r.email, "deputy": r.deputy})
            | {"categories": sorted(c.value for c in r.categories)}
            for r in register.reviewers
        ],
    }


def _office_data(office: Office) -> dict[str, Any]:
    plain = {name: getattr(office, name) for name in flat_names(OfficeShape) if name not in _NOT_PLAIN}
    return _without_empty(plain) | {
        "language": office.language.value,
        "charset": office.charset.value,
        "administrator": _without_empty(vars(office.administrator)),
        "contact": [_without_empty(vars(c)) for c in office.contacts],
        "user_code": [_user_code_data(u) for u in office.user_codes],
        "mailbox": [vars(m) for m in office.mailboxes],
    }


def _user_code_data(user_code: UserCode) -> dict[str, Any]:
    ids = [_without_empty({k: v for k, v in vars(i).items() if k != "code"}) for i in user_code.user_ids]
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(user_code).items() if k != "user_ids"}
    return _without_empty(plain) | {"user_id": ids}


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, False, [], ())}
