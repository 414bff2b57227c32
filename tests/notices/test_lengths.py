"""No notice is longer than what was promised: measured in a real browser over the golden HTML parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testkit.chromium import PROGRAMS, Chromium, chromium
from tests.testkit.notice_lengths import MOST_BYTES, Length, golden_html, measure, table
from tests.testkit.servers import needed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    for program, package in PROGRAMS.items():
        needed(program, package)
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def lengths(browser: Chromium) -> list[Length]:
    return list(measure(browser, golden_html()))


def test_screens_of_a_telephone(lengths: list[Length]) -> None:
    """受付完了: at most 2 screens of 375 × 667, more where it tells more; 確認完了: 2.5."""
    too_long = [one for one in lengths if one.most_screens is not None and one.screens > one.most_screens]
    assert not too_long, table(too_long)


def test_octets_of_the_html_parts(lengths: list[Length]) -> None:
    """At most 16 KB: beyond about 100 KB of a whole mail, webmail cuts; the quotes of replies add up."""
    too_large = [one for one in lengths if one.octets > MOST_BYTES]
    assert not too_large, table(too_large)


def test_the_browser_measures_what_it_shows(browser: Chromium, tmp_path: Path) -> None:
    """A page of one screen and a half is that long, whatever it is that takes the room."""
    file = tmp_path / "received.html"
    file.write_text('<!doctype html><body style="margin:0"><div style="height:1000.5px"></div>', encoding="utf-8")
    (length,) = measure(browser, [file])
    assert (round(length.screens * 667), length.problems) == (1001, ())
    file.write_text('<!doctype html><body style="margin:0"><div style="height:1400px"></div>', encoding="utf-8")
    (length,) = measure(browser, [file])
    assert length.problems == ("2.10 screens instead of 2.0",)
