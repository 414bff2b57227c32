"""A store with the history of many applications: some real ones, copied row by row by the database itself.

The copies belong to other offices and people (each has some hundred applications at most), are all at their end, and
have new numbers.  The notices and received mails of most of them have stub bodies.  The hash chain of the mail log is
not continued: `log verify` would report the first copy.

With a `slot`, the copies follow each other in time as applications do: copy k has all its times within the k-th slot
from `begin` on, in the order of its rows.

Of a `Selection`, only some of the originals' rows are copied, and further columns of most copies are empty: a million
applications have 10 GB instead of 60.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import peewee

from mailbot.records.database import Store
from mailbot.records.log import search_index
from mailbot.records.schema.application_tables import (
    ApplicationRow,
    EffectRow,
    GrantRow,
    ReminderRow,
    RevisionRow,
    StepRow,
    SubjectRow,
)
from mailbot.records.schema.columns import BaseRow, InstantField
from mailbot.records.schema.inquiry_tables import InquiryRow
from mailbot.records.schema.intake_tables import ReceivedRow
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import DeliveryRow, InboxRow, OutboxRow, ReadLinesRow
from tests.testkit.contract_forms import ABOLITION, BROKER, MAILBOX, approve
from tests.testkit.desk import FORM, DeskUnderTest

OFFICES = 10_000
WITH_BODY = 100  # one copy in so many keeps the notices and received mails
_AT_ONCE = 2000  # copies in one transaction
_TOKENS = 3  # reply tokens of an application that a selection has
_APPLICATIONS = (ApplicationRow, RevisionRow, StepRow, SubjectRow, EffectRow, GrantRow, ReminderRow)
_Sizes = Mapping[type[BaseRow], int]  # the highest id among the originals, 0 for a table with other keys
_TABLES: tuple[type[BaseRow], ...] = (
    InboxRow,
    ReadLinesRow,
    InquiryRow,
    *_APPLICATIONS,
    OutboxRow,
    DeliveryRow,
    MailLogRow,
)
_WITH_IDS: tuple[type[BaseRow], ...] = (*_TABLES, ReceivedRow)


def originals(desk: DeskUnderTest) -> None:
    """Let `desk` process applications of each procedure to their end."""
    taro, ichiro = desk.person("通関 太郎", "taro@naxtrade.example"), desk.person("審査 一郎", "ichiro@desk.example")
    for form in (FORM, ABOLITION, BROKER, MAILBOX):
        taro.sends(form, "申込")
        taro.replies(next(got for got in taro.mails if got.kind == "received"), "取下げ\n")
        desk.passes(hours=24)
        for person in desk.people.values():
            person.forgets()
    for form in (MAILBOX, FORM):
        taro.sends(form, "申込")
        approve(desk, ichiro)
        for _ in range(30):
            desk.passes(hours=24)
            desk.run_due_tasks()
        for person in desk.people.values():
            person.forgets()
    taro.sends("担当者交代の件で、教えてください。\n", subject="担当者交代の件")
    for person in desk.people.values():
        person.forgets()


def stored() -> int:
    """How many applications are stored, in the caller's `Store.reading`."""
    return int(ApplicationRow.select().count())


@dataclass(frozen=True)
class Selection:
    """What the copies have of the originals.

    `keys`: the primary keys of the rows that are copied; of a table that is not named all.  `empty`: columns that
    have no text in copies with stub bodies (a NULL where the column may have one).
    """

    keys: Mapping[type[BaseRow], Collection[int | str]] = field(default_factory=dict)
    empty: Collection[peewee.Field] = ()


def selection(log_rows: int) -> Selection:
    """Of each application all received mails, and as many notices as make `log_rows` rows of the mail log.

    In the caller's `Store.reading`.
    """
    by_receipt = defaultdict[str, list[Any]](list)
    for row in MailLogRow.select().order_by(MailLogRow.direction, MailLogRow.id):  # "in" is before "out"
        by_receipt[row.receipt].append(row)
    logged = [row for rows in by_receipt.values() for row in rows[:log_rows]]
    notices = {row.outbox_id for row in logged if row.outbox_id is not None}
    tokens = defaultdict[int | None, list[str]](list)
    for grant in GrantRow.select().order_by(GrantRow.expires_at):
        tokens[grant.application_id].append(grant.token_id)
    kept_for_good = ReminderRow.key.startswith("view:")
    return Selection(
        {
            MailLogRow: {row.id for row in logged},
            OutboxRow: notices,
            DeliveryRow: {row.id for row in DeliveryRow.select().where(DeliveryRow.outbox.in_(notices))},
            GrantRow: {token for some in tokens.values() for token in some[-_TOKENS:]},
            ReminderRow: {row.id for row in ReminderRow.select().where(kept_for_good)},
        },
        (MailLogRow.text, OutboxRow.text, ReadLinesRow.lines, InboxRow.reading),
    )


def copy(
    store: Store,
    applications: int,
    slot: int = 0,
    begin: datetime | None = None,
    selected: Selection = Selection(),
) -> int:
    """Copy what is stored until there are about `applications` applications; returns how many there are.

    `slot`: seconds from one copy to the next, from `begin` on; 0: all have the times of the originals.
    """
    times = _Times(slot, int(begin.timestamp()) if begin is not None else 0)
    search_index.update(store, 1_000_000)
    size: _Sizes = {model: _highest(model) for model in _WITH_IDS}
    per_copy = stored()
    copies = applications // per_copy
    _keep_grams(store, selected)
    for first in range(1, copies + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, copies)
        with store.transaction():
            for model in _TABLES:
                _copy(store, model, size, times, selected, first, last)
            _copy_grams(store, size[MailLogRow], first, last)
        with store.intake.transaction():
            _copy(store.intake, ReceivedRow, size, times, selected, first, last)
    return per_copy * (copies + 1)


def _highest(model: type[BaseRow]) -> int:
    key: Any = model._meta.primary_key
    return int(model.select(key).order_by(key.desc()).limit(1).scalar() or 0) if key.name == "id" else 0


@dataclass(frozen=True)
class _Times:
    """`slot`: seconds for each copy, 0 for the times of the originals; `begin`: seconds since 1970."""

    slot: int
    begin: int


def _copy(
    store: Store, model: type[BaseRow], size: _Sizes, times: _Times, selected: Selection, first: int, last: int
) -> None:
    """Copies `first` … `last` of the rows that are not copies themselves."""
    table, fields = model._meta.table_name, model._meta.sorted_fields
    names = ", ".join(f'"{one.column_name}"' for one in fields)

    def value(one: peewee.Field) -> str:
        name = one.column_name
        if times.slot and model is not GrantRow and isinstance(one, (InstantField, peewee.DateField)):
            return _instant(store, model, one, size, times)
        if any(one is column for column in selected.empty):
            octets = isinstance(one, peewee.BlobField) and store.kind == "sqlite"
            nothing = "NULL" if one.null else "x''" if octets else "''"
            return f'CASE WHEN k % {WITH_BODY} = 0 THEN t."{name}" ELSE {nothing} END'
        return _expression(store, model, name, size)

    values = ", ".join(map(value, fields))
    primary: Any = model._meta.primary_key
    key = primary.column_name
    bound = size[InboxRow] if model in (ReadLinesRow, InquiryRow) else size[model]
    original = f't."{key}" <= {bound}' if bound else f"substr(t.{key}, 1, 1) <> '~'"
    if model in selected.keys:
        original = f'''t."{key}" IN ({", ".join(map(repr, selected.keys[model])) or "NULL"})'''
    sql = (
        f'INSERT INTO "{table}" ({names}) {_series(store, first, last)} SELECT {values} '
        f'FROM "{table}" t, copy WHERE {original}'
    )
    store._connection.execute_sql(sql if store.kind == "sqlite" else sql.replace("%", "%%"))


def _series(store: Store, first: int, last: int) -> str:
    if store.kind == "sqlite":
        return f"WITH RECURSIVE copy(k) AS (SELECT {first} UNION ALL SELECT k + 1 FROM copy WHERE k < {last})"
    return f"WITH copy(k) AS (SELECT generate_series({first}, {last}))"


_BEGINS = ("submitted_at", "revised_at")  # an application, at the begin of its slot


def _instant(store: Store, model: type[BaseRow], one: peewee.Field, size: _Sizes, times: _Times) -> str:
    """Within the slot of the copy, by the place of the row among those of its table; a day: that of the slot."""
    name = one.column_name
    number = "mail_id" if model is InquiryRow else "id"
    is_day = isinstance(one, peewee.DateField)
    within = 0 if name in _BEGINS or is_day else f"t.{number} * {times.slot} / {size.get(model) or size[InboxRow]}"
    seconds = f"({times.begin} + k * {times.slot} + {within})"
    if store.kind == "sqlite":
        text = f"strftime('%Y-%m-%dT%H:%M:%S', {seconds}, 'unixepoch')"
    else:
        text = f"""to_char(to_timestamp({seconds}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')"""
    text = f"substr({text}, 1, 10)" if is_day else f"{text} || '.000000+00:00'"
    if is_day and store.kind == "postgresql":
        text = f"CAST({text} AS date)"
    return f'CASE WHEN t."{name}" IS NULL THEN NULL ELSE {text} END'


_REFERENCES = {
    "application_id": ApplicationRow,
    "outbox_id": OutboxRow,
    "inbox_id": InboxRow,
    "mail_id": InboxRow,
    "caused_by": InboxRow,
}
_OTHER = f"replace({{column}}, 'naxtrade', 'g' || (k % {OFFICES}))"
_OF_OFFICE = f"CASE WHEN k % {OFFICES} = 0 THEN {{column}} ELSE {_OTHER} END"
_CHANGED = {  # by the name of the column
    **dict.fromkeys(("key", "token_id", "message_id", "dedupe_key"), "'~' || k || {column}"),
    **dict.fromkeys(("actor_email", "sender", "recipient", "recipient_key", "email"), _OF_OFFICE),
    "office": f"CASE WHEN t.office = '' OR k % {OFFICES} = 0 THEN t.office ELSE 'G' || (k % {OFFICES}) END",
    "code": f"t.code || '~' || (k % {OFFICES})",
    "envelope_sender": "replace(t.envelope_sender, 'bounces', 'bounces~' || k)",
    "content": f"CASE WHEN k % {WITH_BODY} = 0 THEN t.content ELSE {{stub}} END",
}


def _expression(store: Store, model: type[BaseRow], name: str, size: _Sizes) -> str:
    """The value of a column in copy k of the row t."""
    if name == "id":
        return f"t.id + k * {size[InboxRow] if model is ReceivedRow else size[model]}"
    if name in _REFERENCES:
        return f't."{name}" + k * {size[_REFERENCES[name]]}'
    if name == "receipt":
        return _receipt(store, size)
    if model is ReminderRow and name == "key":  # view:APPLICATION; what is said once a day is unique by the copy
        own = f"'view:' || (CAST(substr(t.key, 6) AS integer) + k * {size[ApplicationRow]})"
        return f"CASE WHEN t.key LIKE 'view:%' THEN {own} ELSE '~' || k || t.key END"
    if name == "content" and model not in (OutboxRow, ReceivedRow):  # of an effect
        return 't."content"'
    if name == "code" and model is DeliveryRow:  # a number, of SMTP
        return "t.code"
    stub = "x'78'" if store.kind == "sqlite" else "'\\x78'::bytea"
    column = f't."{name}"'
    return _CHANGED.get(name, "{column}").format(column=column, stub=stub)


def _receipt(store: Store, size: _Sizes) -> str:
    """Of years before the real ones, 90,000 numbers each."""
    number = f"(CAST(substr(t.receipt, 3, 5) AS integer) + k * {size[ApplicationRow]})"
    end = "substr({}, -{})" if store.kind == "sqlite" else "right({}, {})"
    year = end.format(f"'0' || ({number} / 90000)", 2)
    sequence = end.format(f"'0000' || ({number} % 90000 + 1)", 5)
    return (
        f"CASE WHEN coalesce(t.receipt, '') = '' THEN t.receipt ELSE {year} || {sequence} || substr(t.receipt, 8) END"
    )


def _keep_grams(store: Store, selected: Selection) -> None:
    """The searched pairs of each original row of the log, in a temporary table; `stub`: those of a stub body."""
    run = store._connection.execute_sql
    with store.transaction():
        run("CREATE TEMP TABLE original_grams (id integer, grams text, stub text)")
        for row in MailLogRow.select():
            if row.id not in selected.keys.get(MailLogRow, (row.id,)):
                continue
            grams = _grams(row)
            if MailLogRow.text in selected.empty:
                row.text = ""
            run(f"INSERT INTO original_grams VALUES ({row.id}, '{grams}', '{_grams(row)}')")


def _grams(row: Any) -> str:
    return " ".join(map(str, sorted(search_index.grams(search_index.folded(row)))))


def _copy_grams(store: Store, rows: int, first: int, last: int) -> None:
    grams = f"CASE WHEN k % {WITH_BODY} = 0 THEN t.grams ELSE t.stub END"
    target, value = "log_search (row_id, grams)", f"string_to_array({grams}, ' ')::bigint[]"
    if store.kind == "sqlite":
        target, value = "log_search (rowid, grams)", grams
    sql = (
        f"INSERT INTO {target} {_series(store, first, last)} SELECT t.id + k * {rows}, {value} "
        "FROM original_grams t, copy ORDER BY 1"
    )
    store._connection.execute_sql(sql if store.kind == "sqlite" else sql.replace("%", "%%"))
