"""A way in while the log-in of an office is paused: a link by mail to its 管理責任者.

The link makes a browser a known one; it replaces no password.  It works once, and a GET of it changes nothing: scanners
of mail fetch every URL (T-51).
"""

from datetime import datetime, timedelta

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.security import notify_administrator
from mailbot.desk.website.attempts import Client, known_browser_cookie, wait_of
from mailbot.desk.website.login import office_code_of
from mailbot.model.reply_token import random_text
from mailbot.records.register import offices
from mailbot.records.secrets import logins


def send_link(code: str, client: Client, now: datetime, context: DeskContext, to: str = "") -> None:
    """A mail with a link to the 管理責任者, while `client` has to wait.

    `to`: the receipt number of the page that somebody was going to, "" for none; the link leads there after the log-in.
    Nothing is sent while an earlier link works, and nothing tells the client whether there is such an office.
    """
    minutes, page_url = context.settings.login_link_minutes, context.settings.page_url
    office_code, token = office_code_of(code), random_text(context.random_bytes)
    with context.store.reading():  # a stranger keeps no writer waiting
        office = offices.office(office_code)
        if office is None or not page_url or not wait_of(office_code, client, now, context):
            return
    with context.store.transaction():
        if logins.add_link(token, office_code, now, now + timedelta(minutes=minutes)):
            link = f"{page_url.rstrip('/')}/link/{token}{f'?to={to}' if to else ''}"
            params = {"link": link, "minutes": minutes}
            notify_administrator(office, "login_link", now, context, params=params)


def open_link(token: str, client: Client, now: datetime, context: DeskContext) -> tuple[str, str] | None:
    """(事業所コード, cookie of a known browser) for a link that works; None for another one."""
    with context.store.reading():
        if not logins.link_works(token, now):
            return None
    with context.store.transaction():
        office_code = logins.use_link(token, now)
    return (office_code, known_browser_cookie(office_code, client, now, context)) if office_code is not None else None
