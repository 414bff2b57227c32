"""The pydantic shapes of a register file: what each entry must and may hold."""

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, create_model

from mailbot.model.people import Administrator, ApplicantContact, attribute_names, required_attributes
from mailbot.text import one_line

_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")  # what neither TOML nor a spreadsheet can hold


def _clean(text: str) -> str:
    """One line without controls: names and addresses go into headers, lists and spreadsheet cells."""
    return one_line(_NO_CHARACTER.sub("", text))


def _filled(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


Line = Annotated[str, AfterValidator(_clean)]
FilledLine = Annotated[Line, AfterValidator(_filled)]


class _Shape(BaseModel):
    # A number is no text: 0312345678 would have lost its 0.
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _person_shape(person: type[ApplicantContact | Administrator]) -> type[_Shape]:
    """One line of text for each attribute of `person`; an attribute without a default must be there and be filled."""
    required = required_attributes(person)
    lines: dict[str, Any] = {n: FilledLine if n in required else (Line, "") for n in attribute_names(person)}
    return create_model(f"{person.__name__}Shape", __base__=_Shape, **lines)


AdministratorShape = _person_shape(Administrator)
ContactShape = _person_shape(ApplicantContact)


class UserIdShape(_Shape):
    number: FilledLine
    method: Line = ""
    start: date | None = None
    end: date | None = None
    paid_statistics: bool = False
    free_statistics: bool = False
    bonded_archive: bool = False


class UserCodeShape(_Shape):
    code: FilledLine
    business: Line = ""
    division: Line = ""
    responsible: Line = ""
    shared_with: list[Line] = Field(default_factory=list)
    user_id: list[UserIdShape] = Field(default_factory=list)


class MailboxShape(_Shape):
    id: FilledLine
    kind: Literal["SMTP/POP3", "EDIFACT"]


class OfficeShape(_Shape):
    code: FilledLine
    company: FilledLine
    company_en: Line = ""
    name: FilledLine
    name_en: Line = ""
    address: Line = ""
    customs: Line = ""
    division: Literal["海上", "航空", "共用", ""] = ""
    billing_code: Line = ""
    language: Literal["ja", "en"] = "ja"
    charset: Literal["utf-8", "iso-2022-jp"] = "utf-8"
    password: str = ""  # in clear, hashed at once
    password_hash: Line = ""  # argon2id, as exported
    administrator: AdministratorShape  # type: ignore[valid-type]  # made by create_model
    contact: list[ContactShape] = Field(default_factory=list)  # type: ignore[valid-type]
    user_code: list[UserCodeShape] = Field(default_factory=list)
    mailbox: list[MailboxShape] = Field(default_factory=list)


class ReviewerShape(_Shape):
    name: FilledLine
    email: FilledLine
    categories: list[Literal["A", "B", "C"]] = Field(min_length=1)
    deputy: Line = ""


class RegisterShape(_Shape):
    written_at: AwareDatetime | None = None  # of a file that the desk has written
    last_import: int | None = None  # of such a file: the import that it follows
    office: list[OfficeShape] = Field(default_factory=list)
    reviewer: list[ReviewerShape] = Field(default_factory=list)


# The shapes of the entries, which are the rows of a spreadsheet.
ENTRY_SHAPES: tuple[type[_Shape], ...] = (
    OfficeShape,
    AdministratorShape,
    ContactShape,
    UserCodeShape,
    UserIdShape,
    MailboxShape,
    ReviewerShape,
)
_NESTED = frozenset({"administrator", "contact", "user_code", "user_id", "mailbox"})  # keys that hold other entries


def flat_names(shape: type[BaseModel]) -> tuple[str, ...]:
    """The keys of an entry that hold a value, not further entries."""
    return tuple(name for name in shape.model_fields if name not in _NESTED)


def shape_problems(error: ValidationError, data: dict[str, Any], line_of: Mapping[int, int]) -> list[str]:
    """Every problem with its place in people's terms: `row 7: office NAC001, contact 2: email: missing`.

    `line_of`: id() of an entry in `data` → its row in a spreadsheet.
    """
    return [
        f"{_row(item['loc'], data, line_of)}{_place(item['loc'][:-1], data)}{_words(item)}" for item in error.errors()
    ]


def _row(path: tuple[int | str, ...], data: Any, line_of: Mapping[int, int]) -> str:
    line = 0
    for step in path:
        data = _inside(data, step)
        line = line_of.get(id(data), line)
    return f"row {line}: " if line else ""


def _words(item: Any) -> str:
    key = str(item["loc"][-1])
    if item["type"] == "missing":
        return f"{key}: missing"
    if item["type"] == "extra_forbidden":
        near = get_close_matches(key, _known_keys(), 1)
        return f"{key}: unknown key" + (f", did you mean {near[0]}?" if near else "")
    if item["type"] == "value_error":
        return f"{key}: {item['ctx']['error']}"
    return f"{key}: {item['input']!r}: {item['msg']}"


def _known_keys() -> list[str]:
    return sorted({name for shape in ENTRY_SHAPES for name in shape.model_fields} | {"office", "reviewer"})


def _place(path: tuple[int | str, ...], data: Any) -> str:
    """Each list entry by its code, number or address where it has one, else by its place in the list."""
    words: list[str] = []
    for step in path:
        data = _inside(data, step)
        if isinstance(step, int):
            name = next((str(data[k]) for k in _NAMING if k in data), "") if isinstance(data, dict) else ""
            words[-1] += f" {name or step + 1}"
        else:
            words.append(step)
    return ", ".join(words) + (": " if words else "")


_NAMING = ("code", "number", "id", "email")


def _inside(data: Any, step: int | str) -> Any:
    if isinstance(data, list) and isinstance(step, int):
        return data[step] if step < len(data) else None
    return data.get(step) if isinstance(data, dict) else None
