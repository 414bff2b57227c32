"""The limits of the SMTP server against clients that are many, slow, large or persistent, over real sockets."""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mailbot.model.client_address import address_prefix
from mailbot.records.queues import inbox
from mailbot.runners.smtp.connections import ConnectionLimits, Connections
from mailbot.runners.smtp.data import MAX_LINE_OCTETS, DataBudget
from mailbot.runners.smtp.refusals import MOST_ROWS, OTHERS, Refusal, RefusalLog
from mailbot.runners.smtp.session import SmtpSession
from tests.runners.test_smtp import BUSY, MAIL, dialogue, gone, held_open, refusals, reply, transaction

TO_DATA = transaction(b"")[:4]
KNOWN_CLIENTS: dict[str, object] = {"unlimited_clients": []}
Start = Callable[..., Any]
AT = datetime(2026, 11, 20, 1, tzinfo=UTC)


async def connect_from(source: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))


async def test_one_client_leaves_room_for_others(start: Start) -> None:
    """T-10: a hundred connections of one address; another address is served."""
    desk = await start(smtp={**KNOWN_CLIENTS, "max_connections_per_client": 30}, roles=("smtp",))
    greetings, writers = [], []
    for _ in range(100):
        reader, writer = await connect_from("127.0.0.1", desk.port)
        greetings.append(await reply(reader))
        writers.append(writer)
    assert [greeting[:3] for greeting in greetings] == [b"220"] * 30 + [b"421"] * 70
    reader, writer = await connect_from("127.0.0.2", desk.port)
    assert (await reply(reader)).startswith(b"220")
    for one in (writer, *writers):
        await gone(one)


async def test_one_client_does_not_connect_all_the_time(start: Start) -> None:
    """T-10."""
    desk = await start(smtp={**KNOWN_CLIENTS, "max_connections_per_minute": 5}, roles=("smtp",))
    greetings = [(await dialogue(desk.port))[0][:9] for _ in range(8)]
    assert [greeting[:3] for greeting in greetings] == [b"220"] * 5 + [b"421"] * 3
    reader, writer = await connect_from("127.0.0.2", desk.port)
    assert (await reply(reader)).startswith(b"220")
    await gone(writer)


async def test_relays_have_no_limit_of_their_own(start: Start) -> None:
    """The default: loopback, where a relay delivers from."""
    desk = await start(smtp={"max_connections_per_client": 2, "max_connections_per_minute": 2}, roles=("smtp",))
    held = [await held_open(desk.port, *BUSY) for _ in range(9)]
    for _, writer in held:
        await gone(writer)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("browser abc", ""),
        ("x" * 8_000, ""),
    ],
)
def test_clients_are_counted_by_network(address: str, prefix: str) -> None:
    """T-56: a subscriber has 2^64 IPv6 addresses, and an X-Forwarded-For may be any text."""
    assert address_prefix(address) == prefix


class Somebody:
    """A connection of the limits."""

    def __init__(self, peer: str, *, in_transaction: bool = False, stalled: float = 0) -> None:
        self.peer, self.in_transaction, self._stalled, self.closed = peer, in_transaction, stalled, ""

    def stalled_seconds(self) -> float:
        return self._stalled

    def close_with(self, name: str) -> None:
        self.closed = name


def test_addresses_of_one_ipv6_network_are_one_client() -> None:
    """T-10."""
    connections = Connections(ConnectionLimits(100, 2, 300, 10), lambda: 0.0)
    found = []
    for number in range(4):
        one = Somebody(f"2001:db8:1:2::{number}")
        connections.add(one)
        found.append(connections.refuse(one))
    assert found == ["", "", "too_many_of_address", "too_many_of_address"]
    other = Somebody("2001:db8:1:3::1")
    connections.add(other)
    assert connections.refuse(other) == ""


def test_a_minute_later_a_client_may_connect_again() -> None:
    now = [0.0]
    connections = Connections(ConnectionLimits(100, 9, 1, 10), lambda: now[0])
    for seconds, expected in ((0, ""), (1, "too_many_of_address"), (61, "")):
        now[0], one = float(seconds), Somebody("203.0.113.5")
        connections.add(one)
        assert connections.refuse(one) == expected
        connections.discard(one)


def test_who_is_closed_when_all_connections_are_in_use() -> None:
    """T-9: the one without progress for longest, and nobody who makes progress in a mail transaction."""
    connections = Connections(ConnectionLimits(4, 9, 300, 10), lambda: 0.0)
    working, slow, idle = Somebody("a", in_transaction=True, stalled=9), Somebody("b", in_transaction=True, stalled=11), Somebody("c", stalled=1)  # fmt: skip
    for one in (working, slow, idle, Somebody("d", in_transaction=True)):
        connections.add(one)
    new = Somebody("e")
    connections.add(new)
    for victim in (slow, idle):
        assert connections.refuse(new) == ""
        assert victim.closed == "idle_too_long"
        connections.discard(victim)
        connections.add(Somebody("f", in_transaction=True))
    assert connections.refuse(new) == "too_many_connections"
    assert not working.closed


async def test_transactions_that_do_not_go_on_keep_nobody_out(start: Start) -> None:
    """T-9, T-10: a hundred clients that have said MAIL and nothing more."""
    desk = await start(smtp={"max_connections": 20, "evict_after_seconds": 0}, roles=("smtp",))
    held = [await held_open(desk.port, *BUSY) for _ in range(100)]
    assert (await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n")))[-1].startswith(b"250")
    assert (await reply(held[0][0])).startswith(b"421 4.4.2")
    for _, writer in held:
        await gone(writer)


@pytest.mark.parametrize(("rate", "answer"), [(1_000_000, b"421 4.4.2"), (0, b"250 2.0.0")])
async def test_a_mail_that_arrives_too_slowly(start: Start, rate: int, answer: bytes) -> None:
    """T-9: a client that sends single octets of a mail; without a least rate it may."""
    desk = await start(smtp={"min_data_rate": rate, "timeout_seconds": 1}, roles=("smtp",))
    reader, writer = await held_open(desk.port, *TO_DATA)
    loop = asyncio.get_running_loop()
    end = loop.time() + 1.5  # longer than timeout_seconds
    reading = asyncio.create_task(reply(reader))
    while loop.time() < end and not reading.done():
        writer.write(b"x\r\n")
        await asyncio.wait((reading,), timeout=0.1)
    if not reading.done():
        writer.write(b"\r\n.\r\n")
    assert (await reading)[:9] == answer
    await gone(writer)


async def test_a_mail_that_stops_in_the_middle(start: Start) -> None:
    """T-9."""
    desk = await start(smtp={"timeout_seconds": 1}, roles=("smtp",))
    reader, writer = await held_open(desk.port, *TO_DATA)
    writer.write(MAIL)
    assert (await reply(reader)).startswith(b"421 4.4.2")
    await gone(writer)
    assert inbox.counts()["waiting"] == 0


@pytest.mark.parametrize(
    ("idle", "age", "answer"), [(59, 0, b"250 "), (61, 0, b"421 4.4.2 Nothing"), (0, 3601, b"421 4.4.2 This session")]
)
async def test_the_timer_looks_at_what_the_client_has_done(
    start: Start, idle: float, age: float, answer: bytes
) -> None:
    """T-9: it is set once in a session, and again when it finds that there is time left."""
    desk = await start(smtp={"timeout_seconds": 60, "session_seconds": 3600}, roles=("smtp",))
    reader, writer = await held_open(desk.port, b"EHLO client.example\r\n")
    (session,) = desk.service._handler.connections
    session._replied_at -= idle
    session._began_at -= age
    timer = session._timeout_handle
    timer.cancel()
    session._timeout_cb()
    left = session._timeout_handle.when() - asyncio.get_running_loop().time()
    assert (session._timeout_handle is not timer and left <= 1) == answer.startswith(b"250")
    writer.write(b"NOOP\r\n")
    assert (await reply(reader)).startswith(answer)
    await gone(writer)


async def test_many_large_mails_at_once_leave_room_for_small_ones(start: Start) -> None:
    """T-10, T-11: beyond the limit of all together the largest is refused, and nothing of it is kept."""
    desk = await start(
        smtp={"max_message_bytes": 1_000_000, "max_data_bytes": 2_000_000, "max_connections": 30}, roles=("smtp",)
    )
    large = [await held_open(desk.port, *TO_DATA) for _ in range(20)]
    for _, writer in large:
        writer.write((b"x" * 70 + b"\r\n") * 12_000)
        await writer.drain()
    budget = desk.service._handler.data_budget
    while sum(mail.octets for mail in budget._receiving) < 20 * 12_000 * 72:
        await asyncio.sleep(0)
    assert budget._used <= 2_000_000
    assert sum(len(mail._content) for mail in budget._receiving) <= 2_000_000
    assert (await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n")))[-1].startswith(b"250")
    answers = []
    for reader, writer in large:
        writer.write(b".\r\n")
        answers.append((await reply(reader))[:9])
        await gone(writer)
    assert set(answers) == {b"250 2.0.0", b"452 4.3.1"}
    assert answers.count(b"250 2.0.0") == 2
    while desk.service._handler.connections:
        await asyncio.sleep(0)
    assert budget._used == 0


def test_a_mail_of_empty_lines_takes_no_more_memory_than_others() -> None:
    """T-11: an object for each line would take thirty times as much."""
    with DataBudget(10_000, 10_000).receive(0) as mail:
        assert mail.add(b"\r\n" * 4_000, 0) is None
        assert mail.add(b".\r\n", 0) == b""
        assert mail.content() == b"\r\n" * 4_000


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 1000])
@pytest.mark.parametrize(
    ("sent", "content", "rest"),
    [
        (b".\r\n", b"", b""),
        (b"\r\n.\r\nQUIT\r\n", b"\r\n", b"QUIT\r\n"),
        (b"a\r\n.\r\n", b"a\r\n", b""),
        (b"..\r\n...\r\n.a\r\n.\r\nNOOP\r\n.\r\n", b".\r\n..\r\na\r\n", b"NOOP\r\n.\r\n"),
        (b"a\n.\nb\r.\rc\n.\r\n\r.\r\nd\r\n.\nx\r\n.\r\n", b"a\n.\nb\r.\rc\n.\r\n\r.\r\nd\r\n\nx\r\n", b""),
        (b"\r\n.\r.\r\n.\r\n", b"\r\n\r.\r\n", b""),
    ],
)
def test_where_a_mail_ends(sent: bytes, content: bytes, rest: bytes, size: int) -> None:
    """T-1: in packets of any size; RFC 5321 §4.5.2."""
    with DataBudget(10_000, 10_000).receive(0) as mail:
        after, position = None, 0
        while after is None:
            after = mail.add(sent[position : position + size], 0)
            position += size
        assert (mail.content(), after + sent[position:]) == (content, rest)
        assert mail.octets == len(sent) - len(rest)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((MAX_LINE_OCTETS - 2,), ""),
        ((MAX_LINE_OCTETS - 1,), "line_too_long"),
        ((10, MAX_LINE_OCTETS - 2, 10, MAX_LINE_OCTETS - 2), ""),
        ((10, MAX_LINE_OCTETS - 2, 10, MAX_LINE_OCTETS + 5, 3), "line_too_long"),
        ((1,) * 200_000, ""),
    ],
)
def test_lines_that_are_too_long(lines: tuple[int, ...], problem: str) -> None:
    """T-11."""
    with DataBudget(1_000_000, 1_000_000).receive(0) as mail:
        assert mail.add(b"".join(b"x" * length + b"\r\n" for length in lines) + b".\r\n", 0) == b""
        mail.content()
        assert mail.problem == problem


async def test_commands_after_a_mail_in_one_packet(start: Start) -> None:
    """RFC 2920: the client may send the next command together with the end of a mail."""
    desk = await start(roles=("smtp",))
    reader, writer = await held_open(desk.port, *TO_DATA)
    writer.write(MAIL + b"\r\n.\r\nNOOP\r\nQUIT\r\n")
    assert [(await reply(reader))[:3] for _ in range(3)] == [b"250", b"250", b"221"]
    await gone(writer)


async def test_too_many_errors_end_the_session(start: Start) -> None:
    """T-10: the commands behind them, already received, have no effect and no row in the mail log."""
    desk = await start(smtp={"max_errors": 20}, roles=("smtp",))
    reader, writer = await held_open(desk.port, *BUSY)
    writer.write(b"RCPT TO:<nobody@elsewhere.example>\r\n" * 100)
    answers = [line[:9] for line in (await reader.read(-1)).split(b"\r\n") if line]
    assert answers == [b"550 5.1.1"] * 20 + [b"421 4.7.0"]
    await gone(writer)
    rows = await refusals(desk)
    assert [(row.reason, row.detail) for row in rows] == [("not-ours", "client: 127.0.0.1; 21 times")]


async def test_refusals_are_rows_by_client_and_reason(start: Start) -> None:
    """T-10: 900 recipients refused in 60 sessions are three rows, and one alone says everything of it."""
    desk = await start(roles=("smtp",))
    for source, recipients, sessions in (("127.0.0.1", b"a@x.example", 50), ("127.0.0.3", b"desk+x@desk.example", 10)):
        for number in range(sessions):
            reader, writer = await connect_from(source, desk.port)
            await reply(reader)
            for line in (*BUSY, *(b"RCPT TO:<%d" % n + recipients + b">\r\n" for n in range(15))):
                writer.write(line if source == "127.0.0.1" else line.replace(b"<%d" % number, b"<"))
                await reply(reader)
            await gone(writer)
    rows = await refusals(desk)
    assert (
        sum(int(row.detail.split()[2]) for row in rows if "times" in row.detail)
        + sum("times" not in row.detail for row in rows)
        == 900
    )
    assert {(row.reason, row.detail.split(";")[0]) for row in rows} <= {
        ("not-ours", "client: 127.0.0.1"),
        ("not-ours", "client: 127.0.0.3"),
        ("bad-token", "client: 127.0.0.3"),
    }
    assert len(rows) <= 3 and rows[0].recipient == "0a@x.example" and rows[0].sender == "taro@naxtrade.example"


async def test_refusals_of_very_many_clients_are_a_bounded_number_of_rows() -> None:
    written: list[Refusal] = []
    log = RefusalLog(3600, written.extend)
    for number in range(10_000):
        log.add(Refusal(AT, "not-ours", "", "", f"10.0.{number // 256}.{number % 256}"))
    log.flush()
    log.flush()
    assert len(written) == MOST_ROWS + 1
    assert sum(refusal.count for refusal in written) == 10_000
    assert (written[-1].peer, written[-1].count) == (OTHERS, 10_000 - MOST_ROWS)


@pytest.mark.parametrize("tag", ["anything", "aaaaaaaa.cccccccccccccccc", "", "aaaaaaaa"])
@pytest.mark.parametrize("delimiter", ["+", "-", "=2b"])
async def test_a_return_path_that_the_desk_has_not_made(start: Start, tag: str, delimiter: str) -> None:
    """T-68: only a Return-Path with a genuine MAC is a recipient."""
    desk = await start(roles=("smtp",))
    address = f"desk-bounces{delimiter}{tag}@desk.example".encode()
    *_, answer = await dialogue(desk.port, *transaction(b"", address)[:3])
    assert answer[:9] == b"550 5.1.1"


async def test_the_return_path_of_a_notice_is_a_recipient(start: Start) -> None:
    """T-62, T-68: in any case, also after the key was replaced."""
    desk = await start()
    await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))
    sent = await asyncio.to_thread(desk.sink.wait_for, 1, 20)
    for address in (sent[0].sender, sent[0].sender.upper()):
        *_, answer = await dialogue(desk.port, *transaction(b"", address.encode())[:3])
        assert answer[:3] == b"250"


async def test_nobody_logs_in(start: Start) -> None:
    desk = await start(roles=("smtp",))
    *_, answer = await dialogue(desk.port, b"EHLO c.example\r\n", b"AUTH PLAIN AGEAYg==\r\n")
    assert answer[:3] == b"500"


async def small_window(port: int) -> socket.socket:
    """A connection of a client that receives next to nothing at a time."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
    return client


async def test_a_client_that_never_reads_the_replies(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-9: its connection is closed all the same, and not kept open by what it has not read."""
    monkeypatch.setattr("mailbot.runners.smtp.session.UNREAD_SECONDS", 0)
    monkeypatch.setattr("mailbot.runners.smtp.session.MAX_REPLIES_WITHOUT_MAIL", 10**6)
    lost = asyncio.Event()
    connection_made, connection_lost = SmtpSession.connection_made, SmtpSession.connection_lost

    def made(session: SmtpSession, transport: asyncio.BaseTransport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        connection_made(session, transport)

    def ended(session: SmtpSession, error: Exception | None) -> None:
        connection_lost(session, error)
        lost.set()

    monkeypatch.setattr(SmtpSession, "connection_made", made)
    monkeypatch.setattr(SmtpSession, "connection_lost", ended)
    desk = await start(smtp={"session_seconds": 1}, roles=("smtp",))
    client = await small_window(desk.port)
    await asyncio.get_running_loop().sock_sendall(client, b"EHLO c\r\n" * 3_000)
    async with asyncio.timeout(20):
        await lost.wait()
    client.close()


async def test_commands_that_lead_to_no_mail(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-10: a stored mail begins the count anew."""
    monkeypatch.setattr("mailbot.runners.smtp.session.MAX_REPLIES_WITHOUT_MAIL", 20)
    desk = await start(smtp={"max_recipients": 10}, roles=("smtp",))
    mail = transaction(MAIL + b"\r\n.\r\n")
    answers = await dialogue(desk.port, mail[0], *[b"NOOP\r\n"] * 10, *mail[1:], *[b"NOOP\r\n"] * 20)
    assert all(answer[:1] in b"23" for answer in answers[:-1])
    assert answers[-1].startswith(b"421 4.7.0 Too many commands")


async def test_a_flood_of_commands_leaves_the_event_loop_to_others(start: Start) -> None:
    """T-10: while one client's commands are carried out, another one is greeted."""
    desk = await start(roles=("smtp",))
    flood, writer = await held_open(desk.port)
    writer.write(b"NOOP\r\n" * 900)
    other, other_writer = await asyncio.open_connection("127.0.0.1", desk.port)
    assert (await reply(other)).startswith(b"220")
    assert len(flood._buffer) < 900 * len(b"250 OK\r\n")  # type: ignore[attr-defined] - what has come until then
    for one in (writer, other_writer):
        await gone(one)
