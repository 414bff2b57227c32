"""The pages of the desk: one row for each, and the entries of the menu.

A page is a path, who may ask for it, and a handler that makes a value; its template shows that value
(docs/how-to/change-the-program.md).
"""

from mailbot.desk.pages import (
    account_pages,
    application_pages,
    audit_pages,
    inquiry_pages,
    log_pages,
    mail_pages,
    newcomer_pages,
    outbox_pages,
    outbox_stop_pages,
    quarantine_pages,
    queue_pages,
    register_import_pages,
    register_pages,
    today_pages,
)
from mailbot.desk.pages.asked import DeskPage
from mailbot.desk.pages.register_import_pages import MOST_OCTETS, MOST_TICKS
from mailbot.model.desk_login import OPERATORS, REVIEWERS

PREFIX = "/desk"

PAGES: tuple[DeskPage, ...] = (
    DeskPage("GET", "/today", today_pages.today, menu="today"),
    DeskPage("GET", "/queue", queue_pages.queue, menu="queue"),
    DeskPage("POST", "/queue/several", queue_pages.several, REVIEWERS, "queue", many=60),
    DeskPage("POST", "/queue/decide", queue_pages.decide_several, REVIEWERS, "queue", many=60),
    DeskPage("GET", "/applications/{number}", application_pages.application, menu="queue"),
    DeskPage("POST", "/applications/{number}/confirm", application_pages.confirm, REVIEWERS, "queue"),
    DeskPage("POST", "/applications/{number}/decide", application_pages.decided, REVIEWERS, "queue"),
    DeskPage("POST", "/applications/{number}/take-back", application_pages.taken_back, OPERATORS, "queue"),
    DeskPage("GET", "/log", log_pages.mail_log_page, menu="log"),
    DeskPage("GET", "/log/export", log_pages.export, menu="log"),
    DeskPage("GET", "/mails/{number}", mail_pages.mail, menu="log"),
    DeskPage("GET", "/mails/{number}/html", mail_pages.html, menu="log"),
    DeskPage("GET", "/mails/{number}/raw", mail_pages.raw_mail, OPERATORS, "log"),
    DeskPage("GET", "/mails/{number}/files/{file}", mail_pages.attached_file, menu="log"),
    DeskPage("GET", "/quarantine", quarantine_pages.quarantine, menu="quarantine"),
    DeskPage("POST", "/quarantine/preview", quarantine_pages.preview, OPERATORS, "quarantine", many=120),
    DeskPage("POST", "/quarantine/release", quarantine_pages.release, OPERATORS, "quarantine", many=120),
    DeskPage("POST", "/quarantine/discard", quarantine_pages.discard, OPERATORS, "quarantine", many=120),
    DeskPage("GET", "/quarantine/newcomers", newcomer_pages.newcomers, menu="quarantine"),
    DeskPage("GET", "/quarantine/newcomers/{number}", newcomer_pages.newcomer, OPERATORS, "quarantine"),
    DeskPage("POST", "/quarantine/newcomers/{number}", newcomer_pages.register, OPERATORS, "quarantine"),
    DeskPage("GET", "/outbox", outbox_pages.undelivered_notices, menu="outbox"),
    DeskPage("POST", "/outbox/retry", outbox_pages.retry, OPERATORS, "outbox", many=220),
    DeskPage("POST", "/outbox/stop/preview", outbox_stop_pages.stop_preview, OPERATORS, "outbox", many=220),
    DeskPage("POST", "/outbox/stop", outbox_stop_pages.stop_chosen, OPERATORS, "outbox", many=220),
    DeskPage("GET", "/inquiries", inquiry_pages.listing, menu="inquiries"),
    DeskPage("GET", "/inquiries/{number}", inquiry_pages.inquiry, menu="inquiries"),
    DeskPage("POST", "/inquiries/{number}/answer", inquiry_pages.answer, OPERATORS | REVIEWERS, "inquiries"),
    DeskPage("POST", "/inquiries/{number}/pass-on", inquiry_pages.passed_on, OPERATORS | REVIEWERS, "inquiries"),
    DeskPage("GET", "/register", register_pages.register, menu="register"),
    DeskPage("GET", "/register/offices/{number}", register_pages.office, menu="register"),
    DeskPage("POST", "/register/offices/{number}/pause", register_pages.pause, OPERATORS, "register"),
    DeskPage("POST", "/register/offices/{number}/resume", register_pages.resume, OPERATORS, "register"),
    DeskPage("GET", "/register/reviewers", register_pages.reviewers, menu="register"),
    DeskPage("GET", "/register/schedule", register_pages.schedule_page, menu="register"),
    DeskPage("GET", "/register/imports", register_pages.imports_page, menu="register"),
    DeskPage("GET", "/register/imports/{number}", register_pages.one_import, menu="register"),
    DeskPage("GET", "/register/imports/{number}/undo", register_import_pages.undo_preview, OPERATORS, "register"),
    DeskPage(
        "POST",
        "/register/imports/{number}/undo",
        register_import_pages.undo_chosen,
        OPERATORS,
        "register",
        many=MOST_TICKS,
    ),
    DeskPage("GET", "/register/import", register_import_pages.import_form, OPERATORS, "register"),
    DeskPage("POST", "/register/import", register_import_pages.upload, OPERATORS, "register", file_octets=MOST_OCTETS),
    DeskPage("GET", "/register/import/{sha256}", register_import_pages.import_preview, OPERATORS, "register"),
    DeskPage(
        "POST", "/register/import/{sha256}", register_import_pages.import_chosen, OPERATORS, "register", many=MOST_TICKS
    ),
    DeskPage("GET", "/audit", audit_pages.audit_page, OPERATORS, "audit"),
    DeskPage("GET", "/log-ins", account_pages.log_ins, OPERATORS, "log_ins"),
    DeskPage("POST", "/log-ins/end", account_pages.end_any_session, OPERATORS, "log_ins"),
    DeskPage("GET", "/account", account_pages.account),
    DeskPage("POST", "/account/password", account_pages.new_password, is_costly=True),
    DeskPage("POST", "/account/end", account_pages.end_own_session),
)
