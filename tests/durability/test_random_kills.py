"""SIGKILL at random and at every named instant, on both databases: nothing lost, nothing twice (T-88, T-100).

`make soak` does the same 10,000 times and prints the figures.
"""

import asyncio
from pathlib import Path

import pytest

from tests.testkit.kills import CONNECTIONS, POINTS, Tally, Trial

pytestmark = pytest.mark.slow

RANDOM_KILLS = 100  # on each database
KILLS_AT_A_POINT = 2


def is_well(tally: Tally) -> bool:
    assert (tally.lost, tally.doubled, tally.changed, tally.faults) == (0, 0, 0, []), tally
    assert (tally.inquiries_lost, tally.answers_doubled) == (0, 0), tally
    assert tally.acknowledged and tally.notices
    return tally.is_well


@pytest.mark.timeout(600)
def test_random_kills(tmp_path: Path, database: str) -> None:
    tally = asyncio.run(Trial(tmp_path, database, 1, "random").run(RANDOM_KILLS))
    assert is_well(tally)
    assert tally.kills == RANDOM_KILLS
    assert tally.inquiries and tally.answers
    assert tally.acknowledged > RANDOM_KILLS // 10  # how many it is depends on the machine: most desks die early


@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", POINTS)
def test_kills_at_each_instant(tmp_path: Path, database: str, point: str) -> None:
    tally = asyncio.run(Trial(tmp_path, database, 2, point).run(KILLS_AT_A_POINT, point))
    assert is_well(tally)
    assert tally.repeated <= KILLS_AT_A_POINT * CONNECTIONS
