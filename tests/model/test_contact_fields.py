"""An attribute of the contact is in every place it has to be in; a message says which one was forgotten.

The steps are in docs/how-to/change-the-program.md; `tests/test_exercises.py` takes them in a copy of the program.
"""

import csv
import json
import sqlite3
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path

import pytest

from mailbot.model.common_fields import CONTACT_ATTRIBUTES, CONTACT_FIELDS, contact_field, contact_of, contact_values
from mailbot.model.people import Administrator, ApplicantContact, Language, attribute_names
from mailbot.model.procedure import Filled
from mailbot.model.register import Register
from mailbot.records.applications import application_store
from mailbot.records.database import Store, open_store
from mailbot.records.register import offices
from mailbot.records.schema.application_tables import RevisionRow
from mailbot.register_files.register_file import read_register, write_register
from tests.testkit.records import OFFICE, draft

AGAIN = "contact_email_again"  # the address once more, to find typing errors
REQUIRED = ("name", "email")
# Each attribute with a value of its own that every kind of field accepts.
FULL = ApplicantContact(
    **{n: f"n{i}@naxtrade.example" if n == "email" else f"03{i:08d}" for i, n in enumerate(CONTACT_ATTRIBUTES)}
)
SMALLEST = ApplicantContact(name="太郎", email="taro@naxtrade.example")
OPTIONAL = [name for name in CONTACT_ATTRIBUTES if name not in REQUIRED]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store("sqlite:///store.sqlite3", tmp_path, create=True)
    yield store
    store.close()


@pytest.mark.parametrize("attribute", CONTACT_ATTRIBUTES)
def test_the_form_has_a_field_for_it(attribute: str) -> None:
    found = [field for field in CONTACT_FIELDS if field.name == f"contact_{attribute}"]
    assert len(found) == 1, f"add contact_{attribute} to CONTACT_FIELDS in mailbot/model/common_fields.py"
    missing = [language.value for language in Language if not found[0].labels.get(language)]
    assert missing == [], f"add the label {missing} to contact_{attribute} in mailbot/model/common_fields.py"
    assert contact_field(attribute) is found[0]


@pytest.mark.parametrize("field", [field.name for field in CONTACT_FIELDS if field.name != AGAIN])
def test_the_contact_has_an_attribute_for_the_field(field: str) -> None:
    attribute = field.removeprefix("contact_")
    assert attribute in CONTACT_ATTRIBUTES, f"add {attribute} to ApplicantContact in mailbot/model/people.py"


@pytest.mark.parametrize("person", [ApplicantContact, Administrator])
def test_what_is_optional_is_empty_text(person: type[ApplicantContact | Administrator]) -> None:
    for attribute in fields(person):
        expected = MISSING if attribute.name in REQUIRED else ""
        assert attribute.default == expected, f'add the default "" to {person.__name__}.{attribute.name}'
        assert attribute.kw_only, f"add kw_only=True to {person.__name__}"


def test_an_administrator_is_a_contact_with_less() -> None:
    for attribute in attribute_names(Administrator):
        assert attribute in CONTACT_ATTRIBUTES, f"add {attribute} to ApplicantContact in mailbot/model/people.py"
    contact = OFFICE.administrator.as_contact()
    assert {name: text for name, text in asdict(contact).items() if text} == asdict(OFFICE.administrator)


@pytest.mark.parametrize(
    ("table", "prefix", "person"), [("contact", "", ApplicantContact), ("office", "admin_", Administrator)]
)
def test_the_migrated_store_has_a_column_for_it(
    store: Store, table: str, prefix: str, person: type[ApplicantContact | Administrator]
) -> None:
    connection = sqlite3.connect(store.path)
    columns = {column[1] for column in connection.execute(f"PRAGMA table_info({table})")}
    connection.close()
    for attribute in attribute_names(person):
        column = prefix + attribute
        assert column in columns, (
            f"add {column} to the table {table} by a migration: a further file in mailbot/records/migrations/"
        )


def test_the_form_gives_it_and_takes_it() -> None:
    assert contact_of(Filled(contact_values(FULL))) == FULL
    assert contact_values(SMALLEST) == {"contact_name": "太郎", "contact_email": "taro@naxtrade.example"}


def test_the_store_keeps_it(store: Store) -> None:
    office = replace(OFFICE, contacts=(FULL, SMALLEST))
    with store.transaction():
        offices.replace_register(Register((office,)))
    assert offices.load_register().offices == (office,)


@pytest.mark.parametrize("ending", [".toml", ".csv", ".xlsx"])
def test_a_register_file_holds_it(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"register{ending}"
    register = Register((replace(OFFICE, contacts=(FULL, SMALLEST)),))
    write_register(register, path)
    assert read_register(path) == register
    if ending == ".csv":
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
        written = next(row for row in rows if row["entry"] == "contact")
    elif ending == ".toml":
        written = tomllib.loads(path.read_text("utf-8"))["office"][0]["contact"][0]
    else:
        return
    for attribute, text in asdict(FULL).items():
        assert written.get(attribute) == text, f"add {attribute} to the contact's part of mailbot/register_files/"


@pytest.mark.parametrize("attribute", OPTIONAL)
def test_a_register_file_from_before_it_is_read(tmp_path: Path, attribute: str) -> None:
    path = tmp_path / "register.csv"
    write_register(Register((replace(OFFICE, contacts=(FULL,)),)), path)
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    gone = rows[0].index(attribute)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([cell for i, cell in enumerate(row) if i != gone] for row in rows)
    assert read_register(path).offices[0].contacts == (replace(FULL, **{attribute: ""}),)


@pytest.mark.parametrize("attribute", OPTIONAL)
def test_an_application_from_before_it_is_read(store: Store, attribute: str) -> None:
    with store.transaction():
        application = draft()
        before = {name: text for name, text in asdict(FULL).items() if name != attribute}
        RevisionRow.update(contact=before).where(RevisionRow.application == application.id).execute()
    connection = sqlite3.connect(store.path)
    ((kept,),) = connection.execute("SELECT contact FROM revision")
    connection.close()
    assert attribute not in json.loads(kept)
    (revision,) = application_store.revisions(application.id)
    assert revision.contact == replace(FULL, **{attribute: ""})
