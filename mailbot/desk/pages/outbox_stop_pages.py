"""Notices that are not to be delivered: shown first with who will not get them, then stopped with a reason."""

from dataclasses import dataclass, replace

from mailbot.desk.context import DeskContext
from mailbot.desk.operations.stop_notice import stop, why_not
from mailbot.desk.pages.asked import Answer, Asked, Page
from mailbot.desk.pages.outbox_pages import MOST, Stopping, chosen, outbox_list
from mailbot.records.queues import outbox

LONGEST_REASON = 240  # characters


@dataclass(frozen=True)
class StopPage:
    """Some notices before they are stopped.  `wrong`: the reason is missing."""

    notices: tuple[Stopping, ...]
    wrong: bool = False

    @property
    def possible(self) -> tuple[Stopping, ...]:
        return tuple(one for one in self.notices if one.problem is None)


def stop_preview(asked: Asked, context: DeskContext) -> Answer:
    """What would be stopped of what is ticked, or of all that match the filters in the form; nothing is done."""
    numbers = chosen(asked, context)
    if not numbers:
        return Page("outbox", replace(outbox_list(asked, context), nothing_ticked=True), 422)
    return Page("outbox_stop", StopPage(_foreseen(numbers, context)))


def _foreseen(numbers: tuple[int, ...], context: DeskContext) -> tuple[Stopping, ...]:
    with context.store.reading():
        items = {number: outbox.get(number) for number in numbers}
    return tuple(Stopping(number, item, why_not(item)) for number, item in items.items())


def stop_chosen(asked: Asked, context: DeskContext) -> Answer:
    """Stop the notices; the reason is required."""
    numbers, because = asked.numbers("notice")[:MOST], asked.text("because").strip()[:LONGEST_REASON]
    foreseen = _foreseen(numbers, context)
    if not foreseen:
        return Page("outbox", replace(outbox_list(asked, context), nothing_ticked=True), 422)
    if not because:
        return Page("outbox_stop", StopPage(foreseen, wrong=True), 422)
    results = tuple(
        replace(one, problem=stop(one.number, because, asked.login.email, asked.now, context)) for one in foreseen
    )
    refused = all(one.problem for one in results)
    return Page("outbox", replace(outbox_list(asked, context), stopped=results), 409 if refused else 200)
