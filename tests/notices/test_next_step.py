"""What an application waits for, and until when."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.view_period import ViewPeriod
from mailbot.notices.next_step import NextStep, Wait, next_step
from tests.testkit.notices import samples

PERIOD = ViewPeriod(date(2026, 11, 20), date(2026, 11, 25))
START = date(2026, 12, 15)
ANSWER_BY = datetime(2026, 12, 4, 15, tzinfo=UTC)  # midnight of 12-05 in Tokyo


@pytest.mark.parametrize(
    ("changes", "unseen", "promised", "partners", "expected"),
    [
        ({"state": State.DRAFT}, (), None, (), NextStep(Wait.SUBMIT)),
        ({"state": State.DRAFT}, (), START, (), NextStep(Wait.SUBMIT)),
        ({"state": State.RECEIVED}, (), None, (), NextStep(Wait.REVIEW)),
        ({"state": State.RECEIVED}, (), None, ("NAC002",), NextStep(Wait.PARTNERS)),
        ({"state": State.RECEIVED}, (), START, ("NAC002",), NextStep(Wait.REPLY, START)),
        ({"state": State.NEEDS_CONFIRMATION, "answer_by": ANSWER_BY}, (), None, (), NextStep(Wait.ANSWER, date(2026, 12, 5))),
        ({"state": State.NEEDS_CONFIRMATION, "answer_by": ANSWER_BY}, (), START, (), NextStep(Wait.REPLY, START)),
        ({"state": State.COMPLETED, "view_period": PERIOD}, ("A",), None, (), NextStep(Wait.LOOK, PERIOD.last)),
        ({"state": State.COMPLETED, "view_period": PERIOD}, (), None, (), NextStep(Wait.NOTHING)),
        ({"state": State.COMPLETED, "view_period": PERIOD, "start_date": START}, ("A",), None, (), NextStep(Wait.LOOK, PERIOD.last)),
        ({"state": State.COMPLETED, "start_date": START}, (), None, (), NextStep(Wait.START, START)),
        ({"state": State.COMPLETED, "start_date": START, "in_effect_at": ANSWER_BY}, (), None, (), NextStep(Wait.NOTHING)),
        ({"state": State.WITHDRAWN}, (), None, (), NextStep(Wait.NOTHING)),
        ({"state": State.LAPSED}, (), None, (), NextStep(Wait.NOTHING)),
    ],
)  # fmt: skip
def test_next_step(
    changes: dict[str, Any],
    unseen: Collection[str],
    promised: date | None,
    partners: Collection[str],
    expected: NextStep,
) -> None:
    application = replace(
        samples.RECEIVED, **{"view_period": None, "start_date": None, "in_effect_at": None, **changes}
    )
    assert next_step(application, unseen, promised, partners) == expected


@pytest.mark.parametrize("wait", Wait)
def test_what_the_office_has_to_do_is_marked(wait: Wait) -> None:
    assert NextStep(wait).is_yours == (wait in (Wait.SUBMIT, Wait.ANSWER, Wait.LOOK))
