"""`ALL_TABLES`: every table of the store, referenced tables first, so that rows can be inserted in this order."""

from mailbot.records.schema.application_tables import (
    ApplicationRow,
    DigestLineRow,
    EffectRow,
    GrantRow,
    ReceiptSequenceRow,
    ReminderRow,
    RevisionRow,
    StepRow,
    SubjectRow,
)
from mailbot.records.schema.log_tables import AuditRow, ClockRow, MailLogRow
from mailbot.records.schema.queue_tables import DeliveryRow, FetchedRow, InboxRow, OutboxRow
from mailbot.records.schema.register_tables import (
    AbsenceRow,
    ContactRow,
    MailboxRow,
    OfficeRow,
    ReviewerRow,
    ScheduleRow,
    UsedNumberRow,
    UserCodeRow,
    UserIdRow,
)
from mailbot.records.schema.secret_tables import GenerationRow, LoginTryRow, SecretRow, SessionRow

ALL_TABLES = (
    InboxRow,
    FetchedRow,
    OfficeRow,
    ContactRow,
    UserCodeRow,
    UserIdRow,
    MailboxRow,
    ReviewerRow,
    AbsenceRow,
    ReceiptSequenceRow,
    ApplicationRow,
    RevisionRow,
    StepRow,
    SubjectRow,
    EffectRow,
    UsedNumberRow,
    ScheduleRow,
    ReminderRow,
    DigestLineRow,
    GrantRow,
    SecretRow,
    GenerationRow,
    OutboxRow,
    DeliveryRow,
    ClockRow,
    LoginTryRow,
    SessionRow,
    MailLogRow,
    AuditRow,
)
