"""The pause of an office's log-in on the web page: after a concern, or by an operator; an operator ends it."""

from datetime import datetime

from mailbot.records.inquiries import login_pauses
from mailbot.records.log import audit
from mailbot.records.register import offices
from mailbot.records.secrets import logins


def begin(office: str, who: str, reason: str, now: datetime) -> bool:
    """Pause the log-in and end every session of the office, in the caller's transaction; True when it is paused now.

    `who`: a name for the audit log.  False when there is no such office.
    """
    if offices.office(office) is None:
        return False
    if login_pauses.begin(office, now, reason):
        logins.end_all(office)
        audit.append(now, who, f"log-in of {office} paused: {reason}")
    return True


def end(office: str, who: str, now: datetime) -> bool:
    """Allow the log-in again, in the caller's transaction; False when it was not paused."""
    ended = login_pauses.end(office)
    if ended:
        audit.append(now, who, f"log-in of {office} resumed")
    return ended
