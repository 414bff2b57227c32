"""T-95; `make soak` runs 10,000 on each database."""

from pathlib import Path

import pytest

from tests.testkit.races import race

pytestmark = pytest.mark.slow

ROUNDS = 60


@pytest.mark.timeout(300)
def test_one_decision_wins(tmp_path: Path, database: str) -> None:
    races = race(tmp_path, database, ROUNDS, seed=1)
    assert races.faults == []
    assert (races.rounds >= ROUNDS, races.winners) == (True, races.rounds)
    assert races.decisions >= 2 * races.rounds
