"""The operator's own procedures, beside config.toml: offered when their examples have passed, and only as they were then."""

import os
import py_compile
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from mailbot.app.procedure_check import check_procedures
from mailbot.procedures import own
from mailbot.procedures.new import make_procedure
from mailbot.procedures.own import PACKAGE
from tests.testkit.command_line import mailbot
from tests.testkit.desk_folder import init
from tests.testkit.other_people import give_away

NEW = ("new-procedure", "address_change", "--title", "所在地の変更", "--title-en", "Change of address")
FORM = ("form", "address_change", "NAC001")
TITLES = {"ja": "所在地の変更", "en": "Change of address"}
NONE = "no procedure 'address_change'"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A desk with a procedure that was made a moment ago."""
    init(tmp_path, "--sample")
    mailbot(tmp_path, *NEW)
    return tmp_path


@pytest.fixture
def rules(desk: Path) -> Path:
    return desk / "procedures/address_change/rules.py"


def test_it_is_offered_when_its_examples_have_passed(desk: Path) -> None:
    assert NONE in mailbot(desk, *FORM, code=2)
    assert "passed  address_change: 1 examples" in mailbot(desk, "procedures", "check")
    assert "申込理由：" in mailbot(desk, *FORM)
    assert "offered" in mailbot(desk, "procedures", "list")


def test_what_has_changed_since_stops_the_desk_until_it_passes(desk: Path, rules: Path) -> None:
    mailbot(desk, "procedures", "check")
    rules.write_text(rules.read_text() + "# changed\n")
    assert "has changed since its examples passed; run: mailbot procedures check" in mailbot(desk, *FORM, code=1)
    assert "changed" in mailbot(desk, "procedures", "list")
    mailbot(desk, "procedures", "check")
    assert "申込理由：" in mailbot(desk, *FORM)


@pytest.mark.parametrize("compiled", [True, False])
def test_what_runs_is_what_was_digested(
    desk: Path, rules: Path, monkeypatch: pytest.MonkeyPatch, compiled: bool
) -> None:
    """Not what is in the file, or beside it as compiled code, once the digest has been made."""
    mailbot(desk, "procedures", "check")
    digests = own.checked_in(desk / "procedures")
    source, other = rules.read_bytes(), b"raise RuntimeError('other code')\n"
    if compiled:
        rules.write_bytes(other)
        os.utime(rules, (1, 1))
        py_compile.compile(str(rules), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        rules.write_bytes(source)
    else:
        place = "mailbot.procedures.own.import_module"
        monkeypatch.setattr(place, lambda name: (rules.write_bytes(other), import_module(name))[1])
    for known in [one for one in sys.modules if one.startswith(PACKAGE)]:
        monkeypatch.delitem(sys.modules, known)
    assert list(own.load_own(desk / "procedures", digests, ())) == ["address_change"]


def test_a_file_that_cannot_be_read_is_named(desk: Path, rules: Path) -> None:
    """Such as the link to nothing by which an editor locks a file, or one that is deleted meanwhile."""
    mailbot(desk, "procedures", "check")
    rules.with_name(".#rules.py").symlink_to("taro@machine.1234")
    for command in (FORM, ("procedures", "check")):
        said = _all_said(desk, *command)
        assert f"{rules.parent} cannot be read ([Errno 2]" in said and ".#rules.py" in said


def test_who_can_replace_the_folder_can_replace_the_code(desk: Path) -> None:
    """T-101: the folder of the configuration, where procedures/ can be renamed."""
    mailbot(desk, "procedures", "check")
    desk.chmod(0o777)
    said = _all_said(desk, "--config", str(desk / "config.toml"), *FORM)
    assert f"{desk} can be written by others" in said and f"chmod go-w {desk}" in said


@pytest.mark.parametrize("name", ["", "address_change", "address_change/rules.py"])
def test_what_everybody_can_write_is_not_run(desk: Path, name: str) -> None:
    mailbot(desk, "procedures", "check")
    path = desk / "procedures" / name
    path.chmod(path.stat().st_mode | 0o002)
    for command in (FORM, ("procedures", "check")):
        assert f"{path} can be written by others" in _all_said(desk, *command)


@pytest.mark.parametrize("name", ["", "address_change", "address_change/rules.py"])
def test_what_somebody_else_owns_is_not_run(desk: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-101: nor with a configuration that was named."""
    mailbot(desk, "procedures", "check")
    path = desk / "procedures" / name
    give_away(path, monkeypatch)
    for command in (FORM, ("procedures", "check")):
        said = _all_said(desk, "--config", str(desk / "config.toml"), *command)
        assert f"{path} belongs to" in said and "run mailbot as its owner" in said


def test_no_code_is_behind_a_link_that_is_not_looked_into(desk: Path, rules: Path) -> None:
    elsewhere = desk / "elsewhere"
    elsewhere.mkdir()
    (rules.parent / "more").symlink_to(elsewhere)
    assert "is a link to a folder" in _all_said(desk, "procedures", "check")


def _all_said(desk: Path, *words: str) -> str:
    """What a command that fails prints, to either stream."""
    return mailbot(desk, *words, code=1) + mailbot(desk, *words, code=1, printed=True)


def _edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (_edit("examples/the-form.toml", '"submitted"', '"saved"'), "reason: expected 'saved', got 'submitted'"),
        (_edit("examples/the-form.toml", "必要になったため", "別"), "values.reason: expected '別', got '必要になったため'"),
        (_edit("examples/the-form.toml", "[values]", 'notices = ["received"]\n[values]'), "notices: expected ['received']"),
        (_edit("examples/the-form.toml", "[values]", 'says = ["そのようなこと"]\n[values]'), "says: expected 'そのようなこと'"),
        (_edit("examples/the-form.eml", "taro@", "nobody@"), "expected 'submitted', got 'newcomer'"),
        (_edit("rules.py", "def check", "1 / 0\ndef check"), "ZeroDivisionError"),
        (_edit("effects.py", "def effects", "def no_effects"), "ImportError"),
        (_edit("__init__.py", 'name="address_change"', 'name="other"'), "PROCEDURE = Procedure(name='address_change'"),
        (lambda folder: (folder / "examples/the-form.eml").unlink(), "expected one mail at least"),
        (lambda folder: (folder / "examples/the-form.toml").unlink(), "FileNotFoundError"),
        (lambda folder: folder.rename(folder.with_name("password_reset")), "choose another name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_not_offered(tmp_path: Path, edit: Callable[[Path], None], says: str) -> None:
    edit(make_procedure("address_change", TITLES, "A", tmp_path, PACKAGE))
    (checked,) = check_procedures(tmp_path)
    assert says in " ".join(checked.problems)
    assert not (tmp_path / "checked.json").exists()


def test_a_checked_one_that_is_gone_is_asked_for(desk: Path, rules: Path) -> None:
    mailbot(desk, "procedures", "check")
    rules.parent.rename(desk / "elsewhere")
    assert "is gone, and there may be applications of it; put it back" in mailbot(desk, *FORM, code=1)


def test_the_command_fails_with_them(desk: Path, rules: Path) -> None:
    rules.write_text("")
    mailbot(desk, "procedures", "check", code=1)


def test_an_unreadable_list_says_what_to_do(desk: Path) -> None:
    (desk / "procedures/checked.json").write_text("[]")
    assert "checked.json cannot be read" in mailbot(desk, *FORM, code=1)
