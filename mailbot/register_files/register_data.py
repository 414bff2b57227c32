"""Between the Register and plain data: lists and dictionaries as in a TOML file; a spreadsheet has them flattened."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from argon2 import PasswordHasher
from pydantic import BaseModel, ValidationError

from mailbot.model.common_fields import contact_field
from mailbot.model.contract import Mailbox, Office, UserCode, UserId
from mailbot.model.people import Administrator, ApplicantContact, Category, Charset, Language, Reviewer
from mailbot.model.procedure import FieldKind
from mailbot.model.register import Register, RowKey, RowKind
from mailbot.model.register_rows import COLUMNS
from mailbot.register_files.register_shapes import OfficeShape, RegisterShape, UserIdShape, flat_names, shape_problems
from mailbot.text import fold_address, fold_code

_NOT_PLAIN = ("password", "language", "charset")  # never written, or not as the text that it is
_Person = TypeVar("_Person", ApplicantContact, Administrator)


def register_of(
    data: dict[str, Any],
    problems: list[str],
    columns: frozenset[str] = frozenset(),
    lines: Mapping[RowKey, int] | None = None,
    line_of: Mapping[int, int] | None = None,
) -> Register:
    """The Register of plain data.  When its shape is wrong: an empty one, and the problems are added to `problems`.

    Of a spreadsheet: `columns`, which it has for every row; `lines`, the number of each row, and `line_of`, by the
    id() of its entry in `data`.
    """
    try:
        shape = RegisterShape.model_validate(data)
    except ValidationError as error:
        problems.extend(shape_problems(error, data, line_of or {}))
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
        last_import=shape.last_import,
        new_passwords={fold_code(o.code): o.password for o in shape.office if o.password},
        stated={key: frozenset(_stated(key.kind, one, columns)) for key, one in _shapes(shape)},
        lines=lines or {},
    )


_FILLED = frozenset({"language", "charset"})  # an empty cell changes none


def _stated(kind: RowKind, shape: BaseModel, columns: frozenset[str]) -> Iterator[str]:
    """The columns of a row about which the file says something."""
    for name in COLUMNS[kind]:
        if name in shape.model_fields_set or (name in columns and name not in _FILLED):
            yield name


def _shapes(shape: RegisterShape) -> Iterator[tuple[RowKey, BaseModel]]:
    """Every entry with its key."""
    for office in shape.office:
        code = fold_code(office.code)
        yield RowKey(RowKind.OFFICE, code), office
        yield RowKey(RowKind.ADMINISTRATOR, code), office.administrator
        for contact in office.contact:
            yield RowKey(RowKind.CONTACT, code, fold_address(getattr(contact, "email"))), contact  # noqa: B009
        for user_code in office.user_code:
            of = fold_code(user_code.code)
            yield RowKey(RowKind.USER_CODE, code, of), user_code
            for one in user_code.user_id:
                yield RowKey(RowKind.USER_ID, code, of + fold_code(one.number)), one
        for mailbox in office.mailbox:
            yield RowKey(RowKind.MAILBOX, code, fold_code(mailbox.id)), mailbox
    for reviewer in shape.reviewer:
        yield RowKey(RowKind.REVIEWER, "", fold_address(reviewer.email)), reviewer


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
    written: dict[str, Any] = {"written_at": register.written_at} if register.written_at is not None else {}
    if register.last_import is not None:
        written["last_import"] = register.last_import
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
