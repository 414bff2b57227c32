"""The two schemas of a store: `MAIN` and `INTAKE`, each with tables, migrations and a writer lock of its own."""

from dataclasses import dataclass
from pathlib import Path

from peewee import DatabaseProxy

from mailbot.records.schema.application_tables import (
    ApplicationRow,
    DailyListItemRow,
    DigestLineRow,
    EffectRow,
    GrantRow,
    ReceiptSequenceRow,
    ReminderRow,
    RevisionRow,
    StepRow,
    SubjectRow,
)
from mailbot.records.schema.columns import BaseRow, database, intake_database
from mailbot.records.schema.desk_login_tables import DeskLoginRow, DeskSessionRow
from mailbot.records.schema.import_tables import RegisterChangeRow, RegisterImportRow, RegisterUploadRow
from mailbot.records.schema.inquiry_tables import InquiryRow, LoginPauseRow
from mailbot.records.schema.intake_tables import FetchedRow, ReceivedRow
from mailbot.records.schema.log_tables import AuditRow, ClockRow, MailLogRow
from mailbot.records.schema.queue_tables import (
    ActedSignatureRow,
    DeliveryRow,
    InboxRow,
    OutboxRow,
    ReadLinesRow,
    SenderCostRow,
)
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
from mailbot.records.schema.secret_tables import GenerationRow, LoginLinkRow, LoginTryRow, SecretRow, SessionRow

_MAIN_TABLES: tuple[type[BaseRow], ...] = (
    InboxRow,
    ReadLinesRow,
    ActedSignatureRow,
    SenderCostRow,
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
    RegisterImportRow,
    RegisterChangeRow,
    RegisterUploadRow,
    ReminderRow,
    DigestLineRow,
    DailyListItemRow,
    GrantRow,
    InquiryRow,
    LoginPauseRow,
    SecretRow,
    GenerationRow,
    OutboxRow,
    DeliveryRow,
    ClockRow,
    LoginTryRow,
    LoginLinkRow,
    SessionRow,
    DeskLoginRow,
    DeskSessionRow,
    MailLogRow,
    AuditRow,
)


@dataclass(frozen=True)
class Schema:
    """Tables that are stored together and changed by one writer at a time."""

    number: int  # the second key of its writer lock in PostgreSQL
    database: DatabaseProxy  # of its tables
    tables: tuple[type[BaseRow], ...]  # referenced tables first: rows can be inserted in this order
    erased: tuple[str, ...]  # names of the tables from which secrets are deleted
    migrations: Path
    history: str  # the table that lists the applied migrations


_RECORDS = Path(__file__).parents[1]
MAIN = Schema(
    0,
    database,
    _MAIN_TABLES,
    ("secret", "outbox", "read_lines", "register_upload"),
    _RECORDS / "migrations",
    "schema_migration",
)
INTAKE = Schema(
    1, intake_database, (ReceivedRow, FetchedRow), ("received",), _RECORDS / "intake_migrations", "intake_migration"
)
