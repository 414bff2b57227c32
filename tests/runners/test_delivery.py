"""The delivery loop: retries, giving up, and recovery after a crash."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailbot.errors import Temporary
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import DeliveryResult, OutboxItem, OutboxState, OutgoingMail
from mailbot.records.queues import outbox
from mailbot.records.queues.attempts import attempts_of
from mailbot.runners import delivery
from mailbot.runners.delivery import DeliveryLoop, Retries
from mailbot.runners.relays import FolderRelay, RelayAddress, SmtpRelay
from tests.testkit.desk import DeskUnderTest
from tests.testkit.records import die, put_mail

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
MAIL = OutgoingMail("<1@desk.example>", NoticeKind.RECEIVED, Role.CONTACT, "taro@naxtrade.example", "desk-bounces+x@desk.example",
                    b"Subject: x\r\n\r\nx\r\n", "x", "x")  # fmt: skip


class Scripted:
    """A relay on a real socket, with scripted replies: phase → reply."""

    def __init__(self, **replies: bytes) -> None:
        self.replies = replies
        self.once: dict[str, bytes] = {}  # instead, the first time
        self.mails = self.connections = 0

    async def __aenter__(self) -> "Scripted":
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._dialogue(reader, writer)
        finally:
            writer.close()

    async def _dialogue(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(self.replies.get("banner", b"220 relay") + b"\r\n")
        while line := await reader.readline():
            phase = line.split()[0].upper().decode()
            answer = self.once.pop(phase, b"") or self.replies.get(
                phase, b"354 go on" if phase == "DATA" else b"250 OK"
            )
            if answer == b"hang up":
                return
            writer.write(answer + b"\r\n")
            if phase == "DATA" and answer[:1] == b"3":
                while await reader.readline() != b".\r\n":
                    pass
                dot = self.replies.get("dot", b"250 queued")
                if dot == b"hang up":
                    return
                self.mails += dot[:1] == b"2"
                writer.write(dot + b"\r\n")
            if phase == "QUIT":
                return


@pytest.mark.parametrize(
    ("replies", "accepted", "permanent", "code"),
    [
        ({}, True, False, 250),
        ({"banner": b"421 too busy"}, False, False, 421),
        ({"banner": b"554 under repair"}, False, False, 554),
        ({"MAIL": b"451 later"}, False, False, 451),
        ({"MAIL": b"550 never"}, False, True, 550),
        ({"RCPT": b"450 greylisted"}, False, False, 450),
        ({"RCPT": b"550 no such user"}, False, True, 550),
        ({"DATA": b"451 later"}, False, False, 451),
        ({"dot": b"452 disk full"}, False, False, 452),
        ({"dot": b"554 content refused"}, False, True, 554),
        ({"dot": b"hang up"}, False, False, None),
        ({"MAIL": b"hang up"}, False, False, None),
        ({"QUIT": b"hang up"}, True, False, 250),
        ({"MAIL": b"garbage"}, False, False, None),
    ],
)
async def test_what_the_relay_may_answer(
    replies: dict[str, bytes], accepted: bool, permanent: bool, code: int | None
) -> None:
    """T-99: 5yz is permanent, everything else is tried again."""
    async with Scripted(**replies) as relay:
        client = SmtpRelay(RelayAddress("127.0.0.1", relay.port, timeout_seconds=5, hostname="desk.example"))
        item = OutboxItem(1, MAIL, OutboxState.SENDING, 1, NOW, None)
        result = await client.deliver(item)
        await client.close()
    assert (result.accepted, result.permanent) == (accepted, permanent)
    assert result.code in (code, -1 if code is None else code)
    assert relay.mails == accepted


@pytest.mark.parametrize(
    ("phase", "reply", "accepted"),
    [
        ("MAIL", b"hang up", True),
        ("MAIL", b"421 closing", True),
        ("MAIL", b"451 later", False),
        ("RCPT", b"hang up", False),
    ],
)
async def test_a_kept_connection_that_the_relay_has_closed(phase: str, reply: bytes, accepted: bool) -> None:
    """The mail goes over a new one at once, if the relay has not begun to take it."""
    item = OutboxItem(1, MAIL, OutboxState.SENDING, 1, NOW, None)
    async with Scripted() as relay:
        client = SmtpRelay(RelayAddress("127.0.0.1", relay.port, timeout_seconds=5, hostname="desk.example"))
        assert [(await client.deliver(item)).accepted for _ in range(2)] == [True, True]
        assert relay.connections == 1
        relay.once = {phase: reply}
        assert (await client.deliver(item)).accepted is accepted
        assert (relay.connections, relay.mails) == (1 + accepted, 2 + accepted)
        await client.close()


async def test_connections_are_closed_when_there_is_nothing_to_send_for_a_while(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, delivered = asyncio.Event(), asyncio.Semaphore(0)

    class Kept(Slow):
        async def deliver(self, item: OutboxItem) -> DeliveryResult:
            delivered.release()
            return await super().deliver(item)

        async def close(self) -> None:
            closed.set()

    loop = sender(desk, Kept([], set(), asyncio.Event()))
    running = asyncio.create_task(loop.run())
    for number in (1, 2):
        queue(desk, f"a@x.example {number}")
        loop.wake()
        await delivered.acquire()
    assert not closed.is_set()
    monkeypatch.setattr(delivery, "KEEP_SECONDS", 0.01)
    loop.wake()
    await closed.wait()
    loop.stop()
    await running


@pytest.mark.parametrize("reply", [b"250 OK", b"454 not now", b"500 what"])
async def test_a_relay_that_offers_no_tls_gets_nothing(reply: bytes) -> None:
    """T-5: STARTTLS is configured but not offered (stripped on the way): no mail is sent in clear."""
    async with Scripted(STARTTLS=reply) as relay:
        address = RelayAddress("127.0.0.1", relay.port, tls="starttls", timeout_seconds=5, hostname="desk.example")
        client = SmtpRelay(address)
        result = await client.deliver(OutboxItem(1, MAIL, OutboxState.SENDING, 1, NOW, None))
        await client.close()
    assert not result.accepted and relay.mails == 0


async def test_a_relay_that_is_down() -> None:
    client = SmtpRelay(RelayAddress("127.0.0.1", 1, timeout_seconds=2))
    result = await client.deliver(OutboxItem(1, MAIL, OutboxState.SENDING, 1, NOW, None))
    assert (result.accepted, result.permanent) == (False, False)


def test_the_delay_doubles_and_ends_after_a_week() -> None:
    retries, now, delays = Retries(), NOW, []
    attempts = 1
    while due := retries.next_attempt(OutboxItem(1, MAIL, OutboxState.SENDING, attempts, NOW, None), now):
        delays.append((due - now).total_seconds())
        now, attempts = due, attempts + 1
    assert delays[:5] == [300, 600, 1200, 2400, 4000]
    assert timedelta(days=6, hours=22) < now - NOW <= timedelta(days=7)


def sender(desk: DeskUnderTest, relay: object, failed: Callable[..., None] = lambda *_: None) -> DeliveryLoop:
    def ended(item: OutboxItem, result: DeliveryResult) -> None:
        if not result.accepted:
            failed(item, result)

    relays = relay if isinstance(relay, list) else [relay]
    return DeliveryLoop(desk.store, relays, Retries(), desk.clock, ended)


async def test_a_mail_is_tried_until_it_is_taken(desk: DeskUnderTest) -> None:
    with desk.store.transaction():
        number = put_mail(MAIL, desk.clock.now())
    async with Scripted(dot=b"451 later") as relay:
        client = SmtpRelay(RelayAddress("127.0.0.1", relay.port, timeout_seconds=5))
        assert await sender(desk, client).send_due()
        assert not await sender(desk, client).send_due()  # not yet due again
        desk.passes(seconds=299)
        assert not await sender(desk, client).send_due()
        desk.passes(seconds=1)
        relay.replies = {}
        assert await sender(desk, client).send_due()
        await client.close()
    item = outbox.get(number)
    assert item is not None
    assert (item.state, item.attempts) == (OutboxState.SENT, 2)
    assert [(a.accepted, a.code) for a in attempts_of(number)] == [(False, 451), (True, 250)]


async def test_one_bad_recipient_does_not_stop_another(desk: DeskUnderTest) -> None:
    failed: list[int] = []

    class Picky:
        async def deliver(self, item: OutboxItem) -> DeliveryResult:
            bad = item.mail.recipient.startswith("taro")
            return DeliveryResult(accepted=not bad, permanent=bad, code=550 if bad else 250)

        async def close(self) -> None: ...

    with desk.store.transaction():
        first = put_mail(MAIL, desk.clock.now())

        second = put_mail(replace(MAIL, recipient="hanako@naxtrade.example"), desk.clock.now())
    await sender(desk, Picky(), lambda item, _: failed.append(item.id)).send_due()
    states = [item.state for item in outbox.listing()]
    assert (states, failed) == ([OutboxState.FAILED, OutboxState.SENT], [first])
    assert outbox.retry(desk.store, first, desk.clock.now()) == 1
    assert second


async def test_what_a_crash_left_in_the_middle_is_sent_again_as_it_was(desk: DeskUnderTest, tmp_path: Path) -> None:
    """RFC 1047: the mail is at most sent twice, with identical octets."""
    with desk.store.transaction():
        number = put_mail(MAIL, desk.clock.now())
    outbox.claim(desk.store, desk.clock.now(), 10)
    die(desk.store)  # … and the process dies here
    folder = tmp_path / "sent"
    assert await sender(desk, FolderRelay(folder)).recover() == 1
    await sender(desk, FolderRelay(folder)).send_due()
    await sender(desk, FolderRelay(folder)).send_due()
    (written,) = folder.iterdir()
    assert written.read_bytes() == MAIL.raw
    attempts = attempts_of(number)
    assert [a.accepted for a in attempts] == [None, True]


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = await FolderRelay(tmp_path / "file").deliver(OutboxItem(1, MAIL, OutboxState.SENDING, 1, NOW, None))
    assert (result.accepted, result.permanent) == (False, False)


@pytest.mark.parametrize("offered", [True, False])
async def test_an_address_that_needs_smtputf8(offered: bool) -> None:
    """RFC 6531: without SMTPUTF8 of the relay, the mail fails permanently and does not delay others."""
    async with Scripted(EHLO=b"250-relay\r\n250 SMTPUTF8" if offered else b"250 relay") as relay:
        client = SmtpRelay(RelayAddress("127.0.0.1", relay.port, timeout_seconds=5, hostname="desk.example"))
        item = OutboxItem(1, replace(MAIL, recipient="太郎@naxtrade.example"), OutboxState.SENDING, 1, NOW, None)
        first = await client.deliver(item)
        second = await client.deliver(OutboxItem(2, MAIL, OutboxState.SENDING, 1, NOW, None))
        await client.close()
    assert (first.accepted, first.permanent) == (offered, not offered)
    assert second.accepted


async def test_a_surprise_in_one_delivery_holds_up_no_other(desk: DeskUnderTest) -> None:
    class Broken:
        async def deliver(self, item: OutboxItem) -> DeliveryResult:
            if item.id == first:
                raise UnicodeEncodeError("ascii", "x", 0, 1, "surprise")
            return DeliveryResult(accepted=True)

        async def close(self) -> None:
            return None

    with desk.store.transaction():
        first = put_mail(MAIL, desk.clock.now())
        put_mail(MAIL, desk.clock.now())
    assert await sender(desk, Broken()).send_due()
    assert [item.state for item in outbox.listing()] == [OutboxState.WAITING, OutboxState.SENT]
    assert "UnicodeEncodeError" in attempts_of(first)[0].reply


class Slow:
    """A connection whose relay replies for a recipient in `silent` only after `let_go` is set."""

    def __init__(self, order: list[str], silent: set[str], let_go: asyncio.Event) -> None:
        self.order, self.silent, self.let_go = order, silent, let_go

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        self.order.append(f"{item.mail.recipient} {item.mail.subject}")
        if item.mail.recipient in self.silent:
            await self.let_go.wait()
        return DeliveryResult(accepted=True, code=250, reply="OK")

    async def close(self) -> None: ...


def queue(desk: DeskUnderTest, *notices: str) -> None:
    """Put mails in the outbox, in order; each is given as `recipient subject`."""
    with desk.store.transaction():
        for number, notice in enumerate(notices):
            recipient, subject = notice.split()
            put_mail(replace(MAIL, recipient=recipient, subject=subject, message_id=f"<{number}@x>"), desk.clock.now())


async def test_a_silent_relay_holds_up_its_own_connection_only(desk: DeskUnderTest) -> None:
    order: list[str] = []
    let_go = asyncio.Event()
    loop = sender(desk, [Slow(order, {"a@x.example"}, let_go) for _ in range(2)])
    queue(desk, "a@x.example 1", "b@x.example 2", "a@X.example 3", "c@x.example 4", "b@x.example 5")
    running = asyncio.create_task(loop.run())
    while len(order) < 4:
        await asyncio.sleep(0)
    # What goes to the same person as the one that hangs waits for it; everything else goes out, in order.
    assert order == ["a@x.example 1", "b@x.example 2", "c@x.example 4", "b@x.example 5"]
    let_go.set()
    while len(order) < 5:
        await asyncio.sleep(0)
    loop.stop()
    await running
    assert order[4] == "a@X.example 3"
    with desk.store.reading():
        assert {item.state for item in outbox.listing()} == {OutboxState.SENT}


def count_transactions(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each write transaction from now on."""
    begun: list[str] = []
    real = desk.store._write_transaction

    def counted(*, exclusive: bool, durable: bool, waits: bool) -> AbstractContextManager[None]:
        assert durable  # before the mail leaves, and so that its result is not forgotten
        begun.append("exclusive" if exclusive else "queue")
        return real(exclusive=exclusive, durable=durable, waits=waits)

    monkeypatch.setattr(desk.store, "_write_transaction", counted)
    return begun


async def test_what_ends_at_the_same_time_shares_a_commit_with_the_next_claims(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    let_go = asyncio.Event()
    recipients = [f"{letter}@x.example" for letter in "abcd"]
    loop = sender(desk, [Slow(order, set(recipients), let_go) for _ in recipients])
    queue(desk, *(f"{recipient} {number}" for number in (1, 2) for recipient in recipients))
    begun = count_transactions(desk, monkeypatch)
    running = asyncio.create_task(loop.run())
    while len(order) < 4:
        await asyncio.sleep(0)
    assert begun == ["queue"]
    with desk.store.reading():  # in doubt after a crash: one for each connection
        assert [item.state.value for item in outbox.listing()] == ["sending"] * 4 + ["waiting"] * 4
    let_go.set()
    while len(order) < 8 or loop._in_progress or loop._ended:
        await asyncio.sleep(0)
    loop.stop()
    await running
    assert begun == ["queue", "exclusive", "exclusive"]
    with desk.store.reading():
        assert {item.state for item in outbox.listing()} == {OutboxState.SENT}


async def test_an_error_in_what_follows_from_one_result_touches_no_other(desk: DeskUnderTest) -> None:
    queue(desk, "a@x.example 1", "b@x.example 2", "c@x.example 3")

    def follow(item: OutboxItem, _: DeliveryResult) -> None:
        if item.mail.recipient == "b@x.example":
            raise ZeroDivisionError

    relays = [Slow([], set(), asyncio.Event()) for _ in range(3)]
    await DeliveryLoop(desk.store, relays, Retries(), desk.clock, follow).send_due()
    with desk.store.reading():
        assert [item.state.value for item in outbox.listing()] == ["sent", "sending", "sent"]


async def test_results_are_kept_while_the_store_is_away(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent twice, and nothing else is sent meanwhile."""
    order: list[str] = []
    away = False
    record = outbox.record_result

    def recorded(*args: object) -> None:
        nonlocal away
        away = not away
        if away:
            raise Temporary("away")
        record(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "record_result", recorded)
    loop = sender(desk, [Slow(order, set(), asyncio.Event())])
    queue(desk, "a@x.example 1", "b@x.example 2")
    running = asyncio.create_task(loop.run())
    for sent in (1, 2):
        while not loop._ended or not away:
            await asyncio.sleep(0)
        assert len(order) == sent
        loop.wake()
        while away:
            await asyncio.sleep(0)
    loop.stop()
    await running
    assert order == ["a@x.example 1", "b@x.example 2"]
    with desk.store.reading():
        assert {item.state for item in outbox.listing()} == {OutboxState.SENT}


async def test_a_silent_relay_does_not_keep_the_desk_from_stopping(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is unknown whether the mail was accepted; the next start recovers it (RFC 1047)."""
    monkeypatch.setattr(delivery, "STOP_SECONDS", 0.01)
    order: list[str] = []
    never = asyncio.Event()
    loop = sender(desk, [Slow(order, {"a@x.example"}, never)])
    queue(desk, "a@x.example 1")
    running = asyncio.create_task(loop.run())
    while not order:
        await asyncio.sleep(0)
    loop.stop()
    await running
    with desk.store.reading():
        assert [item.state for item in outbox.listing()] == [OutboxState.SENDING]
    die(desk.store)
    desk.clock.advance(desk.store.takeover_delay)
    again = sender(desk, [Slow(order, set(), never)])
    assert await again.recover() == 1
    assert await again.send_due()
    assert order == ["a@x.example 1", "a@x.example 1"]
