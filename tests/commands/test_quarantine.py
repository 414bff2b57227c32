"""`mailbot quarantine`, and `mailbot explain` of a received mail."""

import json
import shutil
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_folder import init, take_in

STRANGER = "goro@naxtrade.example"


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk that has quarantined the first two of its three mails.  Not changed by any test."""
    folder = tmp_path_factory.mktemp("desk")
    init(folder, "--sample")
    assert take_in(
        folder, [(STRANGER, "申込\x1b[31m", FORM), (STRANGER, "二通目", "x"), ("taro@naxtrade.example", "申込", FORM)]
    )
    return folder


@pytest.fixture
def desk(tmp_path: Path, taken_in: Path) -> Path:
    return shutil.copytree(taken_in, tmp_path / "desk")


def test_list_and_show(desk: Path) -> None:
    said = mailbot(desk, "quarantine", "list")
    assert [line.split()[0] for line in said.splitlines()] == ["number", "1", "2"]
    assert "newcomer" in said and "sender-not-registered" in said
    assert [one["number"] for one in json.loads(mailbot(desk, "quarantine", "list", "--json", "--limit", "1"))] == [2]
    shown = mailbot(desk, "quarantine", "show", "#1")
    for part in (
        "number       1\n",
        "The author is not in the register, and the mail names an office",
        "From: goro@naxtrade.example",
        "desk@desk.example",
    ):
        assert part in shown
    assert json.loads(mailbot(desk, "--json", "quarantine", "show", "1"))["reason"] == "newcomer"
    assert mailbot(desk, "quarantine", "show", "1", "--raw").startswith("From: goro@naxtrade.example")
    assert "is not quarantined, but carried_out (submitted)" in mailbot(desk, "quarantine", "show", "3", code=2)
    assert "mail #9 does not exist" in mailbot(desk, "quarantine", "show", "9", code=2)


def test_explain_says_what_a_release_would_do(desk: Path) -> None:
    said = json.loads(mailbot(desk, "--json", "explain", "#1"))
    assert (said["mail"], said["would be"]) == ("#1", "quarantined (newcomer)")
    assert "there is no mail #9" in mailbot(desk, "explain", "9", code=2)
    assert "no such file" in mailbot(desk, "explain", "x.eml", code=2)


def test_release(desk: Path) -> None:
    assert mailbot(desk, "quarantine", "release", "1", "#1") == "#1 released\n"
    assert json.loads(mailbot(desk, "--json", "quarantine", "release", "--sender", "goro")) == [
        {"number": 2, "released": True, "problem": ""}
    ]
    assert mailbot(desk, "quarantine", "release", "--since", "1d") == "no quarantined mail matches\n"
    take_in(desk, [])
    assert [line.split()[0] for line in mailbot(desk, "quarantine", "list").splitlines()[1:]] == ["1", "2"]
    assert "consistent" in mailbot(desk, "log", "balance")


def test_register_and_release(desk: Path) -> None:
    mailbot(desk, "quarantine", "release", "1", "--register", "XYZ999", code=1)
    assert mailbot(desk, "quarantine", "release", "1", "--register", "nac001") == (
        "#1 released; registered goro@naxtrade.example as 申込担当者 of NAC001\n"
    )
    mailbot(desk, "quarantine", "release", "1", "--register", "NAC001", code=1)
    assert "registered goro@naxtrade.example as 申込担当者 of NAC001" in mailbot(desk, "audit", "list")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("release", "--sender", "goro", "--register", "NAC001"), 2, "--register needs the numbers of mails"),
        (("release",), 2, "expected the numbers of mails, or one of --reason, --sender, --since"),
        (("release", "1", "--sender", "goro"), 2, "and not both"),
        (("release", "x"), 2, "expected the number of a mail, such as 7"),
        (("release", "--reason", "nonsense"), 2, "none of the reason codes: sender-not-registered"),
        (("release", "--since", "yesterday"), 2, "expected a day (2026-11-20)"),
        (("release", "--since", "2026-13-01"), 2, "expected a day (2026-11-20)"),
        (("discard", "1"), 2, "--because"),
        (("discard", "1", "--because", " "), 2, "--because is empty"),
        (("discard", "--sender", "goro", "--because", "x"), 130, "discard 2 mails for good?"),
    ],
)
def test_what_is_not_meant_is_not_done(desk: Path, words: tuple[str, ...], code: int, says: str) -> None:
    assert says in mailbot(desk, "quarantine", *words, code=code)
    assert len(mailbot(desk, "quarantine", "list").splitlines()) == 3


def test_discard(desk: Path) -> None:
    assert mailbot(desk, "quarantine", "discard", "1", "--because", "広告") == "#1 discarded\n"
    assert mailbot(desk, "quarantine", "discard", "--sender", "goro", "--because", "広告", "--yes") == "#2 discarded\n"
    mailbot(desk, "quarantine", "release", "1", code=1)
    said = json.loads(mailbot(desk, "--json", "log", "list", "--disposition", "discarded"))
    assert [(row["inbox_id"], row["reason"]) for row in said] == [
        (1, "discarded-by-operator"),
        (2, "discarded-by-operator"),
    ]
    assert "consistent" in mailbot(desk, "log", "balance")
