"""The pages of the desk: one row for each, and the entries of the menu.

A page is a path, who may ask for it, and a handler that makes a value; its template shows that value
(docs/how-to/change-the-program.md).
"""

from mailbot.desk.pages import account_pages, audit_pages
from mailbot.desk.pages.asked import DeskPage
from mailbot.model.desk_login import DeskRole

PREFIX = "/desk"
OPERATORS = frozenset({DeskRole.OPERATOR})
REVIEWERS = frozenset({DeskRole.REVIEWER})

PAGES: tuple[DeskPage, ...] = (
    DeskPage("GET", "/audit", audit_pages.audit_page, OPERATORS, "audit"),
    DeskPage("GET", "/log-ins", account_pages.log_ins, OPERATORS, "log_ins"),
    DeskPage("POST", "/log-ins/end", account_pages.end_any_session, OPERATORS, "log_ins"),
    DeskPage("GET", "/account", account_pages.account),
    DeskPage("POST", "/account/password", account_pages.new_password),
    DeskPage("POST", "/account/end", account_pages.end_own_session),
)
# The entries of the menu, in their order; each leads to the first page of that entry that one may ask for.
MENU = ("today", "queue", "log", "quarantine", "outbox", "inquiries", "register", "audit", "log_ins")
