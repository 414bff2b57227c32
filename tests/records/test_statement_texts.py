"""The text and values of a statement are those that peewee makes, the second time as well as the first."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from peewee import JOIN, SQL, fn

from mailbot.records.database import Store
from mailbot.records.database.statement_texts import Build, StatementTexts, comparable
from mailbot.records.schema.application_tables import ApplicationRow
from mailbot.records.schema.queue_tables import DeliveryRow, InboxRow, OutboxRow, ReadLinesRow, SenderCostRow
from mailbot.records.schema.register_tables import ContactRow, OfficeRow
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import NOW

Office2 = OfficeRow.alias()
# Each makes a statement from a number, of which another must change the values and not always the text.
STATEMENTS: dict[str, Callable[[int], Any]] = {
    "where": lambda n: OutboxRow.select().where((OutboxRow.id == n) & (OutboxRow.kind != f"{n}")),
    "time": lambda n: OutboxRow.select().where(OutboxRow.created_at <= NOW + timedelta(days=n)),
    "or, not": lambda n: OutboxRow.select().where(~(OutboxRow.id == n) | OutboxRow.text.is_null(n % 2 == 0)),
    "none or a value": lambda n: OutboxRow.select().where(OutboxRow.claimed_by == (n if n % 2 else None)),
    "list of n": lambda n: OutboxRow.select().where(OutboxRow.kind.in_([f"{one}" for one in range(n)])),
    "long list": lambda n: OutboxRow.select().where(OutboxRow.id.not_in(list(range(100 * n)))),
    "columns": lambda n: OutboxRow.select(OutboxRow.id, OutboxRow.text if n % 2 else OutboxRow.kind),
    "order": lambda n: OutboxRow.select().order_by(OutboxRow.id.desc() if n % 2 else OutboxRow.id),
    "limit": lambda n: OutboxRow.select().limit(n).offset(n + 1),
    "no limit": lambda n: OutboxRow.select().limit(n if n % 2 else None),
    "count": lambda n: OutboxRow.select(fn.COUNT(fn.DISTINCT(OutboxRow.caused_by))).where(OutboxRow.id > n),
    "lower": lambda n: ContactRow.select().where(fn.LOWER(ContactRow.key) == f"{n}"),
    "group": lambda n: OutboxRow.select(OutboxRow.kind, fn.COUNT(OutboxRow.id)).group_by(OutboxRow.kind).limit(n),
    "distinct": lambda n: OutboxRow.select(OutboxRow.kind).distinct(n % 2 == 0),
    "instance": lambda n: ContactRow.select().where(ContactRow.office == OfficeRow(code=f"{n}")),
    "join": lambda n: OutboxRow.select().join(InboxRow, on=(OutboxRow.caused_by == InboxRow.id)).where(InboxRow.id == n),
    "kind of join": lambda n: OutboxRow.select().join(
        InboxRow, JOIN.LEFT_OUTER if n % 2 else JOIN.INNER, on=(OutboxRow.caused_by == InboxRow.id) & (InboxRow.id == n)
    ).where(OutboxRow.id > n),
    "alias": lambda n: Office2.select().where(Office2.code == f"{n}"),
    "contains": lambda n: OutboxRow.select().where(OutboxRow.text.contains(f"{n}")),
    "part of a select": lambda n: DeliveryRow.select().where(
        DeliveryRow.id == DeliveryRow.select(fn.MAX(DeliveryRow.id)).where(DeliveryRow.outbox == n)
    ),
    "update": lambda n: OutboxRow.update(state=f"{n}", claimed_by=None, claimed_at=NOW).where(OutboxRow.id == n),
    "other columns": lambda n: OutboxRow.update(**{("text" if n % 2 else "kind"): f"{n}"}),
    "increment": lambda n: OutboxRow.update(attempts=OutboxRow.attempts + n),
    "delete": lambda n: OutboxRow.delete().where(OutboxRow.id.in_([n, n + 1])),
    "insert": lambda n: DeliveryRow.insert(outbox=n, started_at=NOW, reply=f"{n}"),
    "insert in another order": lambda n: DeliveryRow.insert(reply=f"{n}", started_at=NOW, outbox=n),
    "insert without a default": lambda n: DeliveryRow.insert(outbox=n, started_at=NOW),
    "insert or ignore": lambda n: DeliveryRow.insert(outbox=n, started_at=NOW, reply="").on_conflict_ignore(n % 2 == 0),
    "insert many": lambda n: DeliveryRow.insert_many([{"outbox": n, "started_at": NOW}] * (n + 1)),
    "json": lambda n: InboxRow.update(recipients=[f"{n}"] * n),
    "preserved": lambda n: ReadLinesRow.insert(mail_id=n, lines=b"x").on_conflict(
        conflict_target=[ReadLinesRow.mail_id], preserve=[ReadLinesRow.lines]
    ),
    "changed": lambda n: SenderCostRow.insert(account="a", clear_at=n).on_conflict(
        conflict_target=[SenderCostRow.account], update={SenderCostRow.clear_at: SenderCostRow.clear_at + n}
    ),
    "defaults": lambda n: InboxRow.insert_many([{"id": n, "received_at": NOW, "sender": f"{n}"}]).on_conflict_ignore(),
    "list in SQL": lambda n: OutboxRow.select().where(OutboxRow.id.in_(SQL(f"({n}, 1)"))),
    "flags": lambda n: ApplicationRow.select().where(ApplicationRow.id.between(n, n + 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_same_as_peewee(store: Store, name: str) -> None:
    make = STATEMENTS[name]
    build = make(1)._database._build
    texts = StatementTexts()
    for number in (1, 2, 3, 2, 1, 7, 0, 4):
        text, values = texts.text_and_values(make(number), build)
        expected_text, expected = build(make(number))
        assert (text, comparable(values)) == (expected_text, comparable(expected)), number


def test_every_statement_of_a_desk(
    desk: DeskUnderTest, taro: Person, ichiro: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an application to its approval; from the second application on nearly all texts are known."""
    built: Counter[bool] = Counter()
    original = StatementTexts.text_and_values

    def compared(self: StatementTexts, query: Any, build: Build) -> tuple[str, list[Any]]:
        def counted(query: Any) -> tuple[str, list[Any]]:
            built[True] += 1
            return build(query)

        built[False] += 1
        text, values = original(self, query, counted)
        expected_text, expected = build(query)
        assert (text, comparable(values)) == (expected_text, comparable(expected))
        return text, values

    def story(user_id: str) -> None:
        taro.sends(FORM.replace("A0A", user_id))
        ichiro.replies(ichiro.mails[-1], "確認依頼\n理由は？")
        taro.replies(taro.mails[-1], "修正\nパスワード初期化の希望理由：失念したため")
        ichiro.replies(ichiro.mails[-1], "承認")

    monkeypatch.setattr(StatementTexts, "text_and_values", compared)
    story("A0A")
    built.clear()
    story("A01")
    assert built[True] < 0.02 * built[False], built
