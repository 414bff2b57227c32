"""A further procedure is one folder: made in a moment, found by looking, and talked through."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.app.tools import ConfiguredTools
from mailbot.errors import UsageError
from mailbot.mail.message import read
from mailbot.model.lifecycle import State
from mailbot.procedures import load_procedures
from mailbot.procedures.new import make_procedure
from tests.testkit.desk import DeskUnderTest, Person

TITLES = {"ja": "所在地の変更", "en": "Change of address"}


@pytest.fixture
def extended(desk: DeskUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeskUnderTest:
    """The desk with a procedure that was made a moment ago, in a folder of its own."""
    package = tmp_path / "further_procedures"
    package.mkdir()
    (package / "__init__.py").touch()
    make_procedure("address_change", TITLES, "A", package, "further_procedures")
    monkeypatch.syspath_prepend(tmp_path)
    procedures = load_procedures() | load_procedures(package, "further_procedures")
    words = {p.name: p.words for p in procedures.values()}
    tools = ConfiguredTools(desk.config, desk.context.writer.letterhead, words)
    desk.context = replace(desk.context, procedures=procedures, tools=tools)
    yield desk  # type: ignore[misc]
    for name in [name for name in sys.modules if name.startswith("further_procedures")]:
        del sys.modules[name]


def test_a_conversation(extended: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> None:
    taro.sends("様式：所在地の変更", "お願い")
    assert "申込理由：" in taro.gets("answer").text
    taro.sends("手続：所在地の変更\n申込理由：移\n", "所在地の変更")
    problem = taro.gets("invalid-input")
    assert "理由を、もう少し詳しく" in problem.text
    taro.replies(problem, "申込理由：事務所を移転したため\n")
    received = taro.gets("received")
    assert (received.receipt, "所在地の変更の申込" in received.subject) == ("2600001A", True)
    ichiro.replies(ichiro.gets("review-request"), "承認")
    assert extended.application("2600001A").state is State.COMPLETED
    assert "お手続きは以上です。" in taro.gets("completed").text
    hanako.forgets()


def test_its_example(extended: DeskUnderTest) -> None:
    procedure = extended.context.procedures["address_change"]
    raw = (procedure.words.parent / "examples/the-form.eml").read_bytes()
    outcome = extended.receives(raw, read(raw).author.address)
    assert outcome.reason == "submitted"
    assert outcome.application is not None and outcome.application.procedure == "address_change"


@pytest.mark.parametrize("name", ["Address", "1st", "a-b", "../x", "", "_x", "a__b"])
def test_a_name_that_cannot_be_one(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        make_procedure(name, TITLES, "A", tmp_path, "p")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    make_procedure("x", TITLES, "B", tmp_path, "p")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match="already"):
        make_procedure("x", {"ja": "別", "en": "Other"}, "C", tmp_path, "p")
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert not any(b"skeleton" in text or "新しい手続".encode() in text for text in before.values())


def test_the_skeleton_is_no_procedure() -> None:
    assert not any("skeleton" in name for name in load_procedures())
