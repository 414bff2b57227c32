"""The changes of docs/how-to/change-the-program.md, made in a copy of the program."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import mailbot
from mailbot.app.context import sample_register
from mailbot.notices.folder import templates_folder
from mailbot.records.database import open_store
from mailbot.records.register.offices import replace_register
from mailbot.records.schema.tables import MAIN
from mailbot.register_files.register_file import read_register

ROOT = Path(__file__).parents[1]
OLD_STORE = "sqlite:///old.sqlite3"


@dataclass(frozen=True)
class Edit:
    """`added` goes behind the only place in `file` where `behind` stands; with no `behind` the file is new."""

    file: str
    added: str
    behind: str = ""

    def apply(self, folder: Path) -> None:
        path = folder / self.file
        if not self.behind:
            assert not path.exists()
            path.write_text(self.added, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        assert text.count(self.behind) == 1, f"{self.file} has changed: {self.behind!r}"
        path.write_text(text.replace(self.behind, self.behind + self.added), encoding="utf-8")


def copy_program(folder: Path) -> None:
    shutil.copytree(Path(mailbot.__file__).parent, folder / "mailbot")  # with what is compiled already
    shutil.copytree(templates_folder(), folder / "templates")


def run_copy(folder: Path, script: str) -> None:
    """`script` in a process of its own that imports `mailbot` from `folder`, and `tests` from here."""
    path = folder / "script.py"
    path.write_text(script, encoding="utf-8")
    environment = {"PYTHONPATH": f"{folder}:{ROOT}", "PATH": ""}
    command = [sys.executable, "-W", "error", str(path)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def next_migration(name: str) -> str:
    last = max(path.stem for path in MAIN.migrations.glob("0*.py"))
    return f"mailbot/records/migrations/{int(last[:4]) + 1:04d}_{name}.py"


CONTACT_FIELD = (
    Edit(
        "mailbot/model/people.py",
        '    extension: str = ""  # 内線番号\n',
        behind='    fax: str = ""  # digits only\n',
    ),
    Edit(
        "mailbot/model/common_fields.py",
        """\
    Field(
        "contact_extension",
        _labels("内線番号", "Extension"),
        FieldKind.LINE,
        Section.CONTACT,
        max_length=10,
    ),
""",
        behind="""\
        aliases=("FAX", "ファックス", "ファクス番号", "fax number"),
    ),
""",
    ),
    Edit(
        next_migration("contact_extension"),
        '''\
"""内線番号 of the contact."""

from typing import Any

from peewee import TextField


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(migrator.add_column("contact", "extension", TextField(default="")))
''',
    ),
)

CONTACT_FIELD_WORKS = """
from dataclasses import replace
from pathlib import Path
import mailbot
from mailbot.model.people import Language
from mailbot.model.register import Register
from mailbot.records.database import Upgrade, open_store
from mailbot.records.register.offices import load_register, replace_register
from mailbot.records.schema.tables import MAIN
from mailbot.register_files.register_file import read_register, write_register
from tests.testkit.desk import FORM, open_desk_under_test

here = Path.cwd()
assert Path(mailbot.__file__).is_relative_to(here), mailbot.__file__

# The store of the program as it was: migrated, nobody has an extension yet.
store = open_store("OLD_STORE", here, upgrade=Upgrade())
register = load_register()
contacts = [contact for office in register.offices for contact in office.contacts]
assert contacts and {contact.extension for contact in contacts} == {""}

# The store and the register files keep it.
office = register.offices[0]
taro, *others = office.contacts
office = replace(office, contacts=(replace(taro, extension="123"), *others))
with store.transaction():
    replace_register(Register((office,)))
register = load_register()
store.close()
assert office in register.offices
for ending in (".toml", ".csv", ".xlsx"):
    write_register(register, here / f"register{ending}")
    assert read_register(here / f"register{ending}") == register

# A form with it keeps it, and the notice shows it.
folder = here / "desk"
folder.mkdir()
desk = open_desk_under_test(folder)
sender = desk.person("通関 太郎", "taro@naxtrade.example")
sender.sends(FORM.replace("【申込内容】", "【申込担当者】\\n内線番号：123\\n\\n【申込内容】"))
received = sender.gets("received")
assert desk.application(received.receipt).revision.contact.extension == "123"
assert "内線番号" in received.text and "123" in received.text, received.text

# The empty form asks for it.
sender.sends("様式：パスワード初期化", "お願い")
assert "内線番号：" in sender.gets("answer").text
desk.store.close()
"""


@pytest.mark.slow
def test_a_contact_field(tmp_path: Path) -> None:
    """Exercise (a): an optional 内線番号 of the contact takes three edits."""
    old = open_store(OLD_STORE, tmp_path, create=True)
    with old.transaction():
        replace_register(read_register(sample_register()))
    old.close()
    copy_program(tmp_path)
    for edit in CONTACT_FIELD:
        edit.apply(tmp_path)
    run_copy(tmp_path, CONTACT_FIELD_WORKS.replace("OLD_STORE", OLD_STORE))
