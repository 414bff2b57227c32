"""A newcomer's mail, to the operators at once: as the one line of a daily list, which is answered in the same way.

Within the bounds of every alert, because a stranger causes it, and not for what anybody may have written.  What is
above the bounds is in the daily list.
"""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.operations.daily_list_items import about, may_register
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import may_alert
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.rate_limit import cause_of
from mailbot.notices.contents.answers import Alert
from mailbot.notices.contents.operators import NewcomerLine
from mailbot.notices.display import short_day
from mailbot.text import fold_address, one_line


def tell_operators(request: Request, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """The notices, in the caller's transaction; () beyond the bounds."""
    office, author = request.written_for, request.sender.address
    if office is None or author == fold_address(context.settings.address):
        return ()
    if not may_register(request.item.evidence, author, context):
        return ()
    if not may_alert(cause_of(request, "newcomer", context), now):
        return ()
    name, subject = request.message.author.display_name, one_line(request.message.subject)
    day = short_day(request.item.received_at)
    params = {"newcomers": [NewcomerLine(request.item.id, day, office.code, name, author, subject)]}
    content, items = Alert(topic="daily_list", params={**params, "at_once": True}), about(params)
    return tuple(Notice(content, one, items) for one in recipients.operators(context))
