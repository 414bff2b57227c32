"""What the tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk_in_hand import Hand, Person, open_hand

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    """A desk with the sample register, on Friday 2026-11-20, 10:00 in Tokyo."""
    hand = open_hand(tmp_path)
    yield hand
    hand.store.close()


@pytest.fixture
def taro(hand: Hand) -> Person:
    """申込担当者 of NAC001."""
    return hand.person("通関 太郎", "taro@naxtrade.example")


@pytest.fixture
def hanako(hand: Hand) -> Person:
    """管理責任者 of NAC001."""
    return hand.person("管理 花子", "hanako@naxtrade.example")


@pytest.fixture
def ichiro(hand: Hand) -> Person:
    """Reviewer of every category."""
    return hand.person("審査 一郎", "ichiro@desk.example")


@pytest.fixture
def ryoko(hand: Hand) -> Person:
    """Reviewer of category C."""
    return hand.person("審査 良子", "ryoko@desk.example")


@pytest.fixture
def shared_mail() -> Path:
    """The real mails beside the project; the test is skipped, loudly, where they are not there."""
    folder = SHARED / "mail"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} is missing: the corpus of real mails is expected beside the project in CI")
        pytest.skip(f"{folder} is missing: no real mails to read")
    return folder
