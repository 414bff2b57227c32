"""A mail's form is read once and its rules are applied once, whatever is made of them."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from mailbot.desk.outgoing.outcome import Outcome
from tests.testkit.desk import FORM, DeskUnderTest, Person

COUNTED = {"read_form": "forms/read.py", "circumstances": "cases/circumstances.py", "check": "procedures/"}


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """How often each function of COUNTED was called inside the block."""
    counts: Counter[str] = Counter()

    def profile(frame: FrameType, event: str, _arg: object) -> None:
        where = COUNTED.get(frame.f_code.co_name)
        if event == "call" and where is not None and where in frame.f_code.co_filename:
            counts[frame.f_code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield counts
    finally:
        sys.setprofile(before)


def of(action: Callable[[], Outcome], reason: str) -> Counter[str]:
    with counted() as counts:
        outcome = action()
    assert outcome.reason == reason
    return counts


ONCE = {"read_form": 1, "circumstances": 1, "check": 1}
TWO = (
    FORM
    + "\n手続：メールボックスの追加・廃止\nメールボックス追加数（SMTP/POP3）：1\n利用開始希望日：20261210\n変更する理由：増設\n"
)


def test_an_application_a_correction_and_an_approval(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    assert of(lambda: taro.sends(FORM), "submitted") == ONCE
    received, _ = taro.gets("received"), ichiro.gets("review-request")
    assert of(lambda: taro.replies(received, "修正\n識別番号：A0B"), "corrected") == ONCE
    request = ichiro.gets("review-request")
    # Which IDs get a password is looked up before the transaction, too: their hashes take time.
    assert of(lambda: ichiro.replies(request, "承認"), "approved") == {"circumstances": 2, "check": 1}


@pytest.mark.parametrize(
    ("text", "reason", "readings", "rules"),
    [
        (FORM.replace("A0A", "AOA"), "incomplete", 1, 1),
        (FORM.partition("\n")[2], "submitted", 1, 1),  # without its 手続 line
        (TWO, "submitted", 2, 2),  # one for each application
        ("パスワードを忘れました。どうすればよいですか。", "passed-on", 1, 0),
    ],
)
def test_other_mails(desk: DeskUnderTest, taro: Person, text: str, reason: str, readings: int, rules: int) -> None:
    counts = of(lambda: taro.sends(text, "お願い"), reason)
    assert (counts["read_form"], counts["circumstances"], counts["check"]) == (readings, rules, rules)
