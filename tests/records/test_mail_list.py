"""Tests of records.log.mail_list: what is listed, with what has become of it; searching, with and without the index."""

from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from mailbot.model.queued_mail import DeliveryResult, Disposition
from mailbot.records.database import Store
from mailbot.records.keyset import Place
from mailbot.records.log import mail_filters, mail_list, mail_log, search_blocks, search_index
from mailbot.records.log.mail_list import Filters
from mailbot.records.queues import inbox, outbox
from mailbot.records.register.offices import replace_register
from tests.testkit.records import MINUTE, NOW, REGISTER, arrival, mail, put_mail, receive, record_result


def row(**fields: Any) -> int:
    """Append a row, in the caller's transaction."""
    given: dict[str, Any] = {
        "at": NOW,
        "direction": "in",
        "sender": "goro@other.example",
        "recipient": "desk@desk.example",
    }
    return mail_log.append(**given | fields)


def ids(store: Store, limit: int = 10, **filters: Any) -> list[int]:
    with store.reading():
        return [entry.row.id for entry in mail_list.select(store, Filters(**filters), limit)]


def test_filters(store: Store) -> None:
    with store.transaction():
        replace_register(REGISTER)
        a = row(receipt="2600001C", office="NAC001", disposition="answered")
        b = row(at=NOW + MINUTE, direction="out", sender="desk@desk.example", recipient="%@x.example", office="NAC001")
        c = row(at=NOW + 2 * MINUTE, sender="Taro@NaxTrade.example", disposition="refused")
        d = row(at=NOW + 3 * MINUTE, direction="out", recipient="hanako@naxtrade.example", office="NAC002")
    assert ids(store) == [a, b, c, d]
    assert ids(store, 2) == [c, d]
    assert ids(store, receipt="2600001C") == [a]
    assert ids(store, office="NAC001") == [a, b, c]  # c is from one of its people, d is about another office
    assert ids(store, office="NAC009") == []
    assert ids(store, address="desk@desk.example") == [a, b, c]
    assert ids(store, address="%") == [b]  # no wildcard
    assert ids(store, state="refused") == [c]
    assert ids(store, direction="out") == [b, d]
    assert ids(store, since=NOW + MINUTE) == [b, c, d]
    assert ids(store, until=NOW + 2 * MINUTE) == [a, b]
    assert ids(store, since=NOW + MINUTE, office="NAC001", direction="in") == [c]


def test_an_entry_says_what_has_become_of_it(store: Store) -> None:
    (number,) = receive(store, [arrival()])
    handled, sent = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    with store.transaction():
        inbox.finish(number, Disposition.ANSWERED, "help", handled)
        row(at=handled, disposition="answered", inbox_id=number)
        notices = [put_mail(mail(n, recipient=f"{n}@x.example"), handled) for n in (1, 2)]
        for notice in notices:
            row(at=handled, direction="out", disposition="queued", inbox_id=number, outbox_id=notice)
        row(at=handled, disposition="refused")
    (item, _) = outbox.claim(store, handled, 2)
    record_result(store, item.id, DeliveryResult(True, code=250), sent, None)
    with store.reading():
        found = mail_list.select(store, Filters(), 10)
        assert [(e.number, e.at, e.done_at, e.state) for e in found] == [
            (str(number), NOW, handled, "answered"),
            (f"n{notices[0]}", handled, sent, "sent"),
            (f"n{notices[1]}", handled, None, "sending"),
            (f"r{found[-1].row.id}", handled, handled, "refused"),
        ]
        assert mail_list.of_mail(number) == found[:3]
        assert mail_list.of_notice(notices[0]) == found[1:2]
        assert mail_list.of_row(found[-1].row.id) == found[3:]
    assert ids(store, state="sent") == [found[1].row.id]
    assert ids(store, since=NOW + MINUTE) == [e.row.id for e in found[1:]]  # it arrived before, though handled since


TEXTS = [
    {"subject": "パスワード初期化の申込", "text": "失念したため 100%"},
    {"subject": "Re: 申込", "text": "LOST_password", "message_id": "<a@b.example>"},
    {"text": "承認\n髙橋です", "sender": "ｔａｎａｋａ@other.example"},
    {"text": "承 認"},
]
SEARCHES = [
    ("申込", [0, 1]),
    ("失念 初期化", [0]),
    ("初期化 lost_PASSWORD", []),
    ("<a@b", [1]),
    ("0%", [0]),
    ("t_p", [1]),
    ("a%b", []),
    ("承認", [2]),
    ("髙橋", [2]),
    ("高橋", [2]),
    ("橋", [2]),
    ("tanaka", [2]),
    ("認承", []),
    ("認髙", []),
]


@pytest.mark.parametrize("indexed", [0, 2, 4])
def test_search(store: Store, indexed: int) -> None:
    """The same whether no row is in the index yet, some, or all."""
    with store.transaction():
        rows = [row(**text) for text in TEXTS[:indexed]]
    assert search_index.update(store, 1000) == indexed
    with store.transaction():
        rows += [row(**text) for text in TEXTS[indexed:]]
        assert search_index.last(store) == (rows[indexed - 1] if indexed else 0)
    for words, expected in SEARCHES:
        assert ids(store, words=words) == [rows[place] for place in expected], words
    assert ids(store, 1, words="申込") == [rows[1]]
    falling = rows[1::-1]  # those that are found with 申込
    with store.reading():
        first = mail_list.page(store, Filters(words="申込"), Place(size=1))
        second = mail_list.page(store, Filters(words="申込"), Place(after=first.following, size=1))
        back = mail_list.page(store, Filters(words="申込"), Place(before=second.previous, size=1))
    assert [[one.row.id for one in some.rows] for some in (first, second, back)] == [
        [falling[0]],
        [falling[1]],
        [falling[0]],
    ]
    assert (first.previous, second.following, back.previous) == ((), (), ())
    assert search_index.update(store, 1000) == 4 - indexed
    assert search_index.update(store, 1000) == 0


def test_a_search_ends_early_and_goes_on(store: Store) -> None:
    """One letter is in no index: what was not read yet is looked into with the next part."""
    with store.transaction():
        rows = [row(text="橋" if number == 0 else "川") for number in range(1100)]
    search_index.update(store, 2000)
    place, found = Place(), []
    with store.reading():
        for _ in range(3):
            some = mail_list.page(store, Filters(words="橋"), place, most_read=500)
            found.append([one.row.id for one in some.rows])
            place = Place(after=some.following)
    assert (found, place.after) == ([[], [], [rows[0]]], ())


def test_the_index_alone_finds_what_may_match(store: Store) -> None:
    """A search does not read rows that cannot match."""
    with store.transaction():
        rows = [row(text=text) for text in ("承認", "認承", "承諾の認可")]
    search_index.update(store, 1000)
    with store.reading():
        for words, found in ((["承認"], rows[:1]), (["の認", "承諾"], rows[2:])):
            pairs = search_index.wanted(words)
            assert search_index.candidates(store, pairs, rows[-1] + 1, 10) == found
            assert search_index.candidates(store, pairs, found[0], 10) == []
        assert search_index.wanted(["承"]) == []


@pytest.mark.parametrize("edge", [1, 2_047, 2_048, 32_767, 32_768, 40_000, 524_288, 1_300_000])
def test_blocks_have_each_row_once_in_order(edge: int) -> None:
    last = 1_300_000
    for falling in (True, False):
        found = [_rows_of(one) for one in search_blocks.blocks(edge, last, falling=falling)]
        assert found == sorted(found, reverse=falling)
        assert all(abs(one[0] - other[0]) > 0 for one, other in pairwise(found))
        if falling:
            assert found[-1][0] == 0 and all(one[0] == other[1] + 1 for one, other in pairwise(found))
        else:
            assert found[-1][1] >= last and all(one[1] + 1 == other[0] for one, other in pairwise(found))
        assert found[0][0] <= edge <= found[0][1] and len(found) <= 40


def _rows_of(block: int) -> tuple[int, int]:
    size, first = next(one for one in reversed(search_blocks._SIZES) if block <= one[1])
    return (first - block) * size, (first - block + 1) * size - 1


def test_candidates_of_a_long_log(store: Store) -> None:
    """In every block, newest first or oldest first, beyond an edge; the index has the expression that is asked for."""
    rows = [1, 2_047, 2_048, 2_049, 40_000, 600_000, 600_001, 1_200_000]
    pairs = sorted(search_index.grams("承認"))
    with store.transaction():
        for row in rows:
            search_index._insert(store, row, [*pairs, 7])
        search_index._insert(store, 1_200_001, [7])
    with store.reading():
        for edge, falling, found in (
            (None, True, rows[::-1]),
            (600_001, True, rows[5::-1]),
            (None, False, rows),
            (2_048, False, rows[3:]),
            (1, True, []),
            (1_200_000, False, []),
        ):
            assert search_index.candidates(store, pairs, edge, 100, falling=falling) == found
        assert search_index.candidates(store, pairs, None, 3) == rows[:-4:-1]
        assert search_index.candidates(store, [8, *pairs], None, 3) == []
    if store.kind == "postgresql":
        with store.transaction():
            run = store._connection.execute_sql
            run("SET LOCAL enable_seqscan = off")
            sql = search_blocks.SELECT.format(beyond="<", order="DESC")
            plan = run(f"EXPLAIN {sql}", ([*pairs, -1], 100, 10)).fetchall()
        assert any("log_search_grams" in line for (line,) in plan)


def test_an_office_is_looked_for_in_indexes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mails about none of its applications, too: no statement may need to read the log from end to end."""
    office = SimpleNamespace(administrator=SimpleNamespace(email="hanako@naxtrade.example"), contacts=())
    monkeypatch.setattr(mail_filters.offices, "office", lambda _: office)
    noted: list[tuple[str, Any]] = []
    run = store._connection.execute_sql
    monkeypatch.setattr(
        store._connection, "execute_sql", lambda sql, *rest: noted.append((sql, *rest)) or run(sql, *rest)
    )
    with store.reading():
        list(mail_filters.conditions(Filters(office="NAC001")))
    monkeypatch.undo()
    assert len(noted) == 3
    with store.transaction():
        if store.kind == "postgresql":
            run("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if store.kind == "sqlite" else "EXPLAIN"
        plans = ["\n".join(str(line) for line in run(f"{explain} {sql}", *rest).fetchall()) for sql, *rest in noted]
    names = ("mail_log_office_id", "mail_log_sender_of_none", "mail_log_recipient_of_none")
    assert [name in plan for name, plan in zip(names, plans, strict=True)] == [True] * 3, plans
