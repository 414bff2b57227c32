"""`mailbot register import|restore`: a file that would hurt the register is shown before anything changes, and undone."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot, on_terminal
from tests.testkit.desk_folder import init

Rows = list[dict[str, str]]
TARO = "taro@naxtrade.example"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    init(tmp_path, "--sample")
    return tmp_path


def exported(desk: Path, name: str = "register.csv") -> Rows:
    mailbot(desk, "register", "export", name)
    with (desk / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(desk: Path, rows: Rows, columns: list[str] | None = None, name: str = "edited.csv") -> None:
    with (desk / name).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def state(desk: Path) -> Rows:
    return sorted(
        (row for row in exported(desk, "state.csv") if row["entry"] != "written"), key=lambda r: str(sorted(r.items()))
    )


def of(rows: Rows, entry: str, **values: str) -> dict[str, str]:
    """The one row of that kind with such values."""
    (found,) = [r for r in rows if r["entry"] == entry and all(r[name] == value for name, value in values.items())]
    return found


def without(rows: Rows, entry: str, **values: str) -> Rows:
    gone = of(rows, entry, **values)
    return [row for row in rows if row is not gone]


def edit(entry: str, name: str, text: str, **which: str) -> Callable[[Rows], Rows]:
    def edited(rows: Rows) -> Rows:
        of(rows, entry, **which)[name] = text
        return rows

    return edited


def drop(entry: str, **which: str) -> Callable[[Rows], Rows]:
    return lambda rows: without(rows, entry, **which)


def drop_office(code: str) -> Callable[[Rows], Rows]:
    return lambda rows: [row for row in rows if code not in (row["office"], row["code"])]


# What was done to the file; options; what is said before anything changes; whether --yes alone does it.
HARMS = [
    ("an ID is missing", drop("user_id", office="NAC001", number="A0B"), ["--prune"], "NAC001/user_id/1ANACA0B", True),
    ("a contact is missing", drop("contact", email=TARO), ["--prune"], f"NAC001/contact/{TARO}", True),
    ("an office is missing", drop_office("NAC002"), ["--prune"], "NAC002/office", True),
    ("a reviewer is missing", drop("reviewer", email="ichiro@desk.example"), ["--prune"], "reviewer/ichiro@desk.example", True),
    ("a user code and its IDs are missing", lambda rows: [r for r in rows if "1BNAC" not in (r["code"], r["user_code"])], ["--prune"], "NAC001/user_code/1BNAC", True),
    ("another address", edit("administrator", "email", "attacker@elsewhere.example", office="NAC001"), [], "hanako@naxtrade.example → attacker@elsewhere.example", True),
    ("a method", edit("user_id", "method", "web", office="NAC001", number="A0A"), [], "method: net → web", True),
    ("an ID ends", edit("user_id", "end", "2026-01-01", office="NAC001", number="A0A"), [], "end: (empty) → 2026-01-01", True),
    ("the leading 0 of a telephone", edit("contact", "phone", "301234567", email=TARO), [], "0301234567 → 301234567", False),
    ("管轄税関 is cut", edit("office", "customs", "東京税", code="NAC001"), [], "東京税関 → 東京税", False),
    ("an address is cut", edit("office", "address", "東京都港区", code="NAC001"), [], "→ 東京都港区", False),
    ("a failed formula", edit("contact", "department", "#REF!", email=TARO), [], "#REF!", False),
    ("a character that was lost", edit("contact", "name", "通?太郎", email=TARO), [], "通関 太郎 → 通?太郎", False),
]  # fmt: skip


@pytest.mark.parametrize(("harm", "options", "said", "certain"), [h[1:] for h in HARMS], ids=[h[0] for h in HARMS])
def test_harm_is_shown_before_and_undone_after(
    desk: Path, harm: Callable[[Rows], Rows], options: list[str], said: str, certain: bool
) -> None:
    before = state(desk)
    write(desk, harm(exported(desk)))
    assert said in mailbot(desk, "register", "import", "edited.csv", *options, "--dry-run")
    assert "nothing has changed" in mailbot(desk, "register", "import", "edited.csv", *options, code=1)
    if not certain:
        refused = mailbot(desk, "register", "import", "edited.csv", *options, "--yes", code=1)
        assert "rows are in doubt" in refused
        mailbot(desk, "register", "import", "edited.csv", *options, "--yes", "--leave-doubtful")
    assert state(desk) == before or certain
    rows = {row["row"] for kind in ("added", "changed", "removed") for row in difference(desk, *options)[kind]}
    take = [word for row in sorted(rows) for word in ("--take", row)]
    mailbot(desk, "register", "import", "edited.csv", *options, *take, "--yes")
    assert state(desk) != before
    assert rows and rows <= {row for row in rows if row in mailbot(desk, "register", "restore", "1", "--dry-run")}
    mailbot(desk, "register", "restore", "1", "--yes")
    assert state(desk) == before
    assert mailbot(desk, "audit", "list").count("register import ") == 2


def difference(desk: Path, *options: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(
        mailbot(desk, "register", "import", "edited.csv", *options, "--dry-run", "--json")
    )
    return found


@pytest.mark.parametrize(
    "harm",
    [drop("user_id", office="NAC001", number="A0B"), drop("contact", email=TARO), drop_office("NAC002"), drop("reviewer", email="ichiro@desk.example")],
    ids=["an ID", "a contact", "an office", "a reviewer"],
)  # fmt: skip
def test_nothing_is_removed_without_prune(desk: Path, harm: Callable[[Rows], Rows]) -> None:
    before = state(desk)
    write(desk, harm(exported(desk)))
    mailbot(desk, "register", "import", "edited.csv", "--yes")
    assert state(desk) == before


def test_a_file_with_a_heading_alone_is_refused(desk: Path) -> None:
    before = state(desk)
    write(desk, [], list(exported(desk)[0]))
    assert "names no office" in mailbot(desk, "register", "import", "edited.csv", "--prune", "--yes", code=1)
    assert state(desk) == before


def test_prune_leaves_the_kind_of_row_that_the_file_has_none_of(desk: Path) -> None:
    write(desk, [row for row in exported(desk) if row["entry"] != "reviewer"])
    mailbot(desk, "register", "import", "edited.csv", "--prune", "--yes")
    assert any(row["entry"] == "reviewer" for row in state(desk))


def test_a_column_that_the_file_does_not_have_stays_and_an_empty_cell_empties(desk: Path) -> None:
    before, rows = state(desk), exported(desk)
    write(
        desk,
        rows,
        [
            name
            for name in rows[0]
            if name not in ("address", "fax", "method", "start", "billing_code", "shared_with", "title")
        ],
    )
    assert "nothing to change" in mailbot(desk, "register", "import", "edited.csv", "--yes")
    assert state(desk) == before
    write(desk, edit("contact", "fax", "", email=TARO)(rows))
    assert "fax: 0398765432 → (empty)" in mailbot(desk, "register", "import", "edited.csv", "--yes")


def test_a_new_register_is_filled_without_a_question(tmp_path: Path) -> None:
    init(tmp_path, "--sample", "one")
    mailbot(tmp_path / "one", "register", "export", str(tmp_path / "register.toml"))
    mailbot(tmp_path, "init", "two")
    assert "import 1: " in mailbot(tmp_path / "two", "register", "import", str(tmp_path / "register.toml"))
    again = mailbot(tmp_path / "two", "register", "import", str(tmp_path / "register.toml"))
    assert "nothing to change" in again and state(tmp_path / "two") == state(tmp_path / "one")


@pytest.mark.parametrize(("typed", "changes"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_it_asks(desk: Path, typed: str, changes: bool) -> None:
    before = state(desk)
    write(desk, edit("contact", "title", "部長", email=TARO)(exported(desk)))
    shown = on_terminal(desk, "register", "import", "edited.csv", typed=typed, code=0 if changes else 1).decode()
    assert "title: 課長 → 部長" in shown and "0 added, 1 changed, 0 removed" in shown
    assert (state(desk) != before) is changes


@pytest.mark.parametrize(("typed", "phone"), [("n\ny\n", "0301234567"), ("y\ny\n", "301234567")])
def test_on_a_terminal_it_asks_about_each_row_in_doubt(desk: Path, typed: str, phone: str) -> None:
    rows = edit("contact", "phone", "301234567", email=TARO)(exported(desk))
    write(desk, edit("contact", "title", "部長", email="jiro@naxtrade.example")(rows))
    shown = on_terminal(desk, "register", "import", "edited.csv", typed=typed).decode()
    assert "in doubt (1)" in shown and "the leading 0 is lost" in shown and "row " in shown
    assert of(state(desk), "contact", email=TARO)["phone"] == phone
    assert of(state(desk), "contact", email="jiro@naxtrade.example")["title"] == "部長"


def test_an_import_between_the_export_and_the_import_is_not_taken_back(desk: Path) -> None:
    old = exported(desk, "old.csv")
    write(desk, edit("contact", "title", "部長", email=TARO)(exported(desk)))
    mailbot(desk, "register", "import", "edited.csv", "--yes")
    write(desk, old)
    assert "changed by import 1" in mailbot(desk, "register", "import", "edited.csv", "--dry-run")
    assert "rows are in doubt" in mailbot(desk, "register", "import", "edited.csv", "--yes", code=1)


def test_restore_tells_what_was_changed_since_and_leaves_it(desk: Path) -> None:
    for title in ("部長", "取締役"):
        write(desk, edit("contact", "title", title, email=TARO)(exported(desk)))
        mailbot(desk, "register", "import", "edited.csv", "--yes")
    assert "changed since the import, which had written '部長'" in mailbot(
        desk, "register", "restore", "1", "--dry-run"
    )
    assert "rows are in doubt" in mailbot(desk, "register", "restore", "1", "--yes", code=1)
    mailbot(desk, "register", "restore", "1", "--yes", "--leave-doubtful")
    assert of(state(desk), "contact", email=TARO)["title"] == "取締役"
    mailbot(desk, "register", "restore", "1", "--yes", "--take", f"NAC001/contact/{TARO}")
    assert of(state(desk), "contact", email=TARO)["title"] == "課長"
    listed = json.loads(mailbot(desk, "register", "imports", "--json"))
    assert [(one["file"], one["undoes"]) for one in listed] == [("edited.csv", None), ("edited.csv", None), ("", 1)]
    assert "there is no import 99" in mailbot(desk, "register", "restore", "99", code=2)


def test_a_password_in_clear_changes_it_once_and_is_never_shown(desk: Path) -> None:
    rows = exported(desk)
    of(rows, "office", code="NAC001")["password"] = "told by telephone"
    write(desk, rows)
    said = mailbot(desk, "register", "import", "edited.csv", "--yes")
    assert "password: another one" in said and "argon2" not in said and "telephone" not in said
    assert "nothing to change" in mailbot(desk, "register", "import", "edited.csv", "--yes")
