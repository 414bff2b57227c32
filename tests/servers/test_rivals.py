"""The measurements beside other systems, with a few mails: of those that are installed (`python -m bench.rivals` does)."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bench.rivals import desks, intake, others, processing
from bench.rivals.counting_sink import counting_sink

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("rivals")]
AMOUNTS = intake.Amounts(many=4, alone=2, paced=3)
MAILS = 3


def installed(name: str) -> None:
    """Skip the test where a system is missing, in CI too: only the measurement needs it."""
    if what := others.missing(name):
        pytest.skip(f"{what}: its measurement was not tried")


@pytest.mark.parametrize(("name", "hello"), [("Postfix", b"EHLO"), ("mailman", b"LHLO")])
def test_a_server_accepts_the_mails_of_each_measurement(name: str, hello: bytes, tmp_path: Path) -> None:
    installed(name)
    figures = intake.Figures()
    with others.postfix() if name == "Postfix" else others.mailman(tmp_path) as port:
        asyncio.run(intake.measure(intake.Server(port, hello), AMOUNTS, figures, when_idle=False))
    waits = [len(figures.waits[sessions]) for sessions in intake.SESSIONS]
    assert (waits, len(figures.paced)) == ([4, 4, 2], 3)


@pytest.mark.parametrize(("name", "start"), [("roundup", others.roundup), ("django-helpdesk", others.helpdesk)])
def test_a_ticket_system_sends_one_notice_for_each_mail(
    name: str, start: Callable[..., AbstractContextManager[others.Processor]], tmp_path: Path
) -> None:
    installed(name)
    numbers = itertools.count()
    with counting_sink() as sink, start(tmp_path, sink) as system:
        for _ in range(2):
            system.process(desks.ticket_mails(MAILS, numbers))
        assert sink.count == 2 * MAILS


@pytest.mark.parametrize("signs", [False, True])
def test_the_desk_sends_the_notices_that_are_waited_for(signs: bool, tmp_path: Path) -> None:
    applications = desks.Applications(signs=signs)
    with (
        counting_sink() as sink,
        desks.desk(tmp_path / "desk", sink.port, offices=2 * MAILS, signs=signs) as desk,
    ):
        processing.process(desk.port, sink, applications.take(MAILS))
        waits = processing.to_first_notice(desk.port, sink, applications.take(MAILS))
        assert (sink.count, len(waits)) == (2 * MAILS * desks.NOTICES, MAILS)
        assert all(wait > 0 for wait in waits)


def test_each_flush_can_be_made_slower(tmp_path: Path) -> None:
    """strace delays the flushes of a desk, and nothing else is changed: it takes mail and ends as usual."""
    from bench.rivals.__main__ import SLOW_DISK

    installed("strace")
    figures = intake.Figures()
    with counting_sink() as sink, desks.desk(tmp_path / "desk", sink.port, wrap=SLOW_DISK) as desk:
        asyncio.run(intake.measure(intake.Server(desk.port), AMOUNTS, figures, when_idle=False))
        assert desk.process.poll() is None
    assert min(figures.waits[1]) > 0.005  # strace returns from the flush no sooner
