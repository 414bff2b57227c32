"""A known person's mail that a rule quarantines, and no machine is proven to have written: operators are told."""

from datetime import datetime

from mailbot.clock import tokyo_hour
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.rate_limit import alert_about
from mailbot.desk.outgoing.replies import lines_read
from mailbot.model.reasons import NOT_READ
from mailbot.records.applications.reminders import record_once

# Reasons that words or single headers give, which a person's own mail may have too.
WITHOUT_PROOF = frozenset(
    {"absence-subject", "absence-text", "bounce-subject", "precedence", "x-loop", "too-many-hops"}
)
_ALERTED = WITHOUT_PROOF | {"at-in-display-name"}
# Every reason for which a mail in a known person's name waits for an operator.  One beyond a limit of reading alerts
# nobody at once: its author is told what to send instead, and a stranger can make any number of them.
OF_PEOPLE = NOT_READ | _ALERTED | {"absence-not-proven"}


def tell_operators(request: Request, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """【要確認】 to the operators, at most once an hour for each sender; the others are in the daily list."""
    sender = request.sender
    if request.reason not in _ALERTED or not sender.is_registered:
        return ()
    if not record_once(f"perhaps-automatic:{sender.address}:{tokyo_hour(now)}", now):
        return ()
    words = {} if request.withheld else lines_read(request.message.text)
    return alert_about(request, request.reason, now, context, words)
