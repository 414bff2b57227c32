"""A relay with any reply, or none, at any point of the SMTP session, and one that is down for a week."""

import asyncio
import contextlib
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise

import pytest

from mailbot.model.queued_mail import DeliveryResult, OutboxItem, OutboxState, OutgoingMail
from mailbot.records.queues import outbox
from mailbot.records.queues.attempts import Attempt, attempts_of
from mailbot.runners import relay_connection, relays
from mailbot.runners.delivery import DeliveryLoop, Retries
from mailbot.runners.relays import RelayAddress, SmtpRelay
from tests.runners.test_delivery import MAIL, sender
from tests.testkit.desk import DeskUnderTest
from tests.testkit.records import put_mail
from tests.testkit.tables import each_row

ITEM = OutboxItem(1, MAIL, OutboxState.SENDING, 1, datetime(2026, 11, 20, 1, 0, tzinfo=UTC), None)


class Instead(Enum):
    """What the relay does instead of replying."""

    SILENCE = "silence"
    CLOSE = "close"
    HALF_CLOSE = "half-close"  # FIN, and the relay goes on reading
    RESET = "reset"
    HALF_A_REPLY = "half a reply"  # the first line of `550-…`, then the end


RIGHT = {"banner": 220, "EHLO": 250, "HELO": 250, "MAIL": 250, "RCPT": 250, "DATA": 354, "dot": 250, "QUIT": 221}
CODES = (220, 250, 354, 400, 421, 450, 451, 452, 454, 500, 501, 503, 530, 535, 550, 552, 553, 554, 571)
WITH_PIPELINING = b"250-relay.example\r\n250 PIPELINING\r\n"
GARBAGE = (b"hello?\r\n", b"\x00\xff\xfe\x80\x1b[2J\r\n", b"\r\n", b"550-" + b"x" * 40_000 + b"\r\n")
THE_LOGIN_WAS_REFUSED = (530, 535)
Answer = int | bytes | Instead


class Relay:
    """A relay on a real socket, correct except in the phases of `answers`.  `up=False`: connections are refused."""

    def __init__(self, answers: dict[str, Answer] | None = None, *, up: bool = True) -> None:
        self.answers = answers or {}
        self.taken: list[tuple[str, str, bytes]] = []  # MAIL, RCPT, content, of each that got its 250
        self.up = up
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)  # asyncio sends small replies at once then
        self._server: asyncio.Server | None = None
        self._talks: list[asyncio.Task[None]] = []
        self._half_closed: list[asyncio.StreamWriter] = []

    def client(self) -> SmtpRelay:
        port = self._socket.getsockname()[1]
        return SmtpRelay(RelayAddress("127.0.0.1", port, timeout_seconds=1, hostname="desk.example"))

    async def comes_up(self) -> None:
        self._server = await asyncio.start_server(self._connected, sock=self._socket)
        self.up = True

    async def __aenter__(self) -> "Relay":
        self._socket.bind(("127.0.0.1", 0))
        if self.up:
            await self.comes_up()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        self._socket.close()
        async with asyncio.timeout(30):  # a connection that the client has left open fails the test
            await asyncio.gather(*self._talks)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks.append(asyncio.create_task(self._talk(reader, writer)))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, EOFError):
            await self._dialogue(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _dialogue(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        envelope = {"MAIL": "", "RCPT": ""}
        going_on = self._say("banner", writer)
        while going_on and (line := await reader.readline()):
            phase = line.split()[0].upper().decode()
            if phase in envelope:
                envelope[phase] = line.partition(b"<")[2].partition(b">")[0].decode()
            going_on = self._say(phase, writer)
            if phase == "DATA" and self._code(phase) == 354:
                content = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
                if self._code("dot") == 250:
                    self.taken.append((envelope["MAIL"], envelope["RCPT"], content.replace(b"\r\n..", b"\r\n.")))
                going_on = self._say("dot", writer)
            going_on = going_on and not (phase == "QUIT" and self._code(phase) == 221)

    def _code(self, phase: str) -> Answer:
        return self.answers.get(phase, RIGHT.get(phase, 250))

    def _say(self, phase: str, writer: asyncio.StreamWriter) -> bool:
        """Whether the session continues after it."""
        answer = self._code(phase)
        if writer in self._half_closed:
            return True
        if isinstance(answer, int):
            writer.write(f"{answer} at {phase}\r\n".encode())
        elif isinstance(answer, bytes):
            writer.write(answer)
        elif answer is Instead.HALF_A_REPLY:
            writer.write(b"550-no, and\r\n")
        elif answer is Instead.HALF_CLOSE:
            writer.write_eof()
            self._half_closed.append(writer)
        elif answer is Instead.RESET:
            writer.transport.abort()
        return answer not in (Instead.CLOSE, Instead.HALF_A_REPLY, Instead.RESET)


def right_class(phase: str, answer: Answer) -> tuple[bool, bool]:
    """(accepted, permanent): a 5yz is permanent from MAIL on; before, it is about the relay, not about the mail."""
    refused_ehlo = phase == "EHLO" and isinstance(answer, int) and answer != 421  # HELO is tried, and is taken
    if phase == "QUIT" or answer == RIGHT[phase] or refused_ehlo:
        return True, False
    if answer in THE_LOGIN_WAS_REFUSED or phase in ("banner", "EHLO", "HELO"):
        return False, False
    return False, isinstance(answer, int) and answer >= 500


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "DATA_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(relay_connection, "QUIT_SECONDS", 1)


@pytest.mark.parametrize("phase", list(RIGHT))
@each_row("answer", [*CODES, *GARBAGE, *(one for one in Instead if one is not Instead.SILENCE)])
async def test_any_answer_in_any_phase_is_of_its_class(phase: str, answer: Answer) -> None:
    """T-99: 5yz is permanent, all else is tried again; a reply after the 250 changes neither this mail nor the next."""
    await assert_right_class(phase, answer)


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "dot", "QUIT"])
@each_row("answer", [*CODES, *GARBAGE, *(one for one in Instead if one is not Instead.SILENCE)])
async def test_any_answer_to_commands_of_a_group_is_of_its_class(phase: str, answer: Answer) -> None:
    """As above where the relay offers PIPELINING: the replies to what was sent behind a refusal change nothing."""
    await assert_right_class(phase, answer, {"EHLO": WITH_PIPELINING})


async def test_silence_in_any_phase_is_of_its_class() -> None:
    """T-99: the timeouts of all phases at the same time."""
    async with asyncio.TaskGroup() as together:
        for phase in RIGHT:
            together.create_task(assert_right_class(phase, Instead.SILENCE))


async def assert_right_class(phase: str, answer: Answer, others: dict[str, Answer] | None = None) -> None:
    others = others or {}
    async with Relay({**others, **({"EHLO": 502, "HELO": answer} if phase == "HELO" else {phase: answer})}) as relay:
        client = relay.client()
        result = await client.deliver(ITEM)
        if phase == "QUIT":
            await client.close()
        taken = len(relay.taken)
        relay.answers = others
        following = await client.deliver(ITEM)
        await client.close()
    accepted, permanent = right_class(phase, answer)
    assert (result.accepted, result.permanent) == (accepted, permanent), (phase, result)
    assert (taken, len(relay.taken)) == (accepted, accepted + 1), phase
    assert following.accepted, (phase, following)
    if accepted:
        assert result.code == 250
    elif isinstance(answer, int):
        assert (result.code, result.reply) == (answer, f"{answer} at {phase}")
    else:
        assert result.code is None and result.reply


@pytest.mark.parametrize(("offered", "groups"), [(b"", ["MAIL", "RCPT", "DATA"]), (b"PIPELINING", ["MAIL RCPT DATA"])])
async def test_commands_are_sent_together_only_where_the_relay_offers_it(offered: bytes, groups: list[str]) -> None:
    """RFC 2920: the mail itself is sent after the reply to DATA in any case."""
    received, ended = list[str](), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.example\r\n")
        while octets := await reader.read(65_536):
            in_data = received[-1:] != [] and received[-1].endswith("DATA")
            verbs = ["dot"] if in_data else [line.split()[0].decode() for line in octets.splitlines()]
            received.append(" ".join(verbs))
            for verb in verbs:
                text = b"250-relay.example\r\n250 " + offered if verb == "EHLO" else str(RIGHT[verb]).encode() + b" ok"
                writer.write(text + b"\r\n")
        writer.close()
        await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    client = SmtpRelay(RelayAddress("127.0.0.1", server.sockets[0].getsockname()[1], hostname="desk.example"))
    for _ in range(2):
        assert (await client.deliver(ITEM)).accepted
    await client.close()
    await ended.wait()
    server.close()
    assert received == ["EHLO", *groups, "dot", *groups, "dot", "QUIT"]


async def test_what_the_relay_says_between_two_mails_is_no_reply_to_the_second() -> None:
    async with Relay({"EHLO": WITH_PIPELINING, "dot": b"250 taken\r\n250 taken again\r\n"}) as relay:
        client = relay.client()
        assert (await client.deliver(ITEM)).accepted
        relay.answers = {"MAIL": 550}
        assert (await client.deliver(ITEM)).code == 550
        await client.close()


@pytest.mark.parametrize("ehlo", [250, WITH_PIPELINING])
@each_row("early", [b"250 taken\r\n", b"250", b"not a reply\r\n"])
async def test_a_reply_before_the_mail_was_sent_is_no_reply_to_it(ehlo: Answer, early: bytes) -> None:
    """The mail is not sent, as nobody could tell what became of it."""
    async with Relay({"EHLO": ehlo, "DATA": b"354 go on\r\n" + early}) as relay:
        client = relay.client()
        result = await client.deliver(ITEM)
        relay.answers = {"EHLO": ehlo}
        following = await client.deliver(ITEM)
        await client.close()
    assert (result.accepted, result.permanent, following.accepted) == (False, False, True)
    assert [content for _, _, content in relay.taken] == [MAIL.raw]


@each_row("phase", ["MAIL", "RCPT", "DATA", "dot"])
async def test_a_relay_that_never_stops_replying(phase: str) -> None:
    async with Relay({"EHLO": WITH_PIPELINING, phase: b"250 and\r\n" * 10_000}) as relay:
        client = relay.client()
        result = await client.deliver(ITEM)
        relay.answers = {}
        following = await client.deliver(ITEM)
        await client.close()
    assert (result.permanent, following.accepted) == (False, True)
    assert result.accepted is (phase == "dot")


@pytest.mark.parametrize("answer", [354, 421, 451, 500, 550, GARBAGE[0], Instead.CLOSE, Instead.RESET], ids=repr)
@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "dot"])
async def test_a_wrong_answer_to_the_rset_after_a_refusal_does_not_hide_the_refusal(phase: str, answer: Answer) -> None:
    async with Relay({phase: 552, "RSET": answer}) as relay:
        client = relay.client()
        result = await client.deliver(ITEM)
        await client.close()
    assert result == DeliveryResult(accepted=False, permanent=True, code=552, reply=f"552 at {phase}")


GivenUp = list[tuple[int, str, datetime]]  # which notice, the relay's reply, when


def sending(desk: DeskUnderTest, relay: Relay) -> tuple[DeliveryLoop, GivenUp]:
    given_up: GivenUp = []

    def failed(item: OutboxItem, result: DeliveryResult) -> None:
        given_up.append((item.id, result.reply, desk.clock.now()))

    return sender(desk, relay.client(), failed), given_up


async def one_attempt(
    desk: DeskUnderTest, answers: dict[str, Answer]
) -> tuple[OutboxItem, Attempt, DeliveryLoop, GivenUp]:
    with desk.store.transaction():
        put_mail(MAIL, desk.clock.now())
    async with Relay(answers) as relay:
        sending_loop, given_up = sending(desk, relay)
        assert await sending_loop.send_due()
        assert not await sending_loop.send_due()
    (item,) = outbox.listing()
    (attempt,) = attempts_of(item.id)
    return item, attempt, sending_loop, given_up


@pytest.mark.parametrize("code", [451, 554])
@pytest.mark.parametrize("phase", ["banner", "MAIL", "RCPT", "DATA", "dot"])
async def test_a_4yz_puts_off_by_five_minutes_and_a_5yz_is_told_once(
    desk: DeskUnderTest, phase: str, code: int
) -> None:
    item, attempt, sending_loop, given_up = await one_attempt(desk, {phase: code})
    assert (attempt.accepted, attempt.code, attempt.reply) == (False, code, f"{code} at {phase}")
    if code < 500 or phase == "banner":
        assert (item.state, item.attempts, given_up) == (OutboxState.WAITING, 1, [])
        assert item.next_attempt_at == desk.clock.now() + timedelta(minutes=5)
    else:
        desk.passes(days=8)
        assert not await sending_loop.send_due()
        assert (item.state, item.attempts, item.next_attempt_at) == (OutboxState.FAILED, 1, None)
        assert [(number, reply) for number, reply, _ in given_up] == [(item.id, attempt.reply)]


@pytest.mark.parametrize("answer", [GARBAGE[1], Instead.SILENCE, Instead.CLOSE], ids=repr)
async def test_a_notice_without_an_answer_waits(desk: DeskUnderTest, answer: Answer) -> None:
    item, attempt, _, given_up = await one_attempt(desk, {"dot": answer})
    assert (item.state, given_up) == (OutboxState.WAITING, [])
    assert item.next_attempt_at == desk.clock.now() + timedelta(minutes=5)
    assert attempt.accepted is False and attempt.ended_at is not None and attempt.reply


@pytest.mark.parametrize(("code", "state"), [(250, "sent"), (451, "waiting"), (554, "failed")])
async def test_a_reply_of_no_known_charset_is_kept_as_far_as_it_can_be(
    desk: DeskUnderTest, code: int, state: str
) -> None:
    item, attempt, *_ = await one_attempt(desk, {"dot": f"{code} ".encode() + b"\xff\xfe\x00\x1b[2J never\r\n"})
    assert (item.state.value, attempt.code) == (state, code)
    assert "never" in attempt.reply


def notice(number: int) -> OutgoingMail:
    message_id = f"<{number}.week@desk.example>"
    text = f"Message-ID: {message_id}\r\nSubject: x\r\n\r\n.\r\n..{number}\r\n.\r\n通関\r\n\r\n"
    path, recipient = f"desk-bounces+{number}@desk.example", f"taro{number}@naxtrade.example"
    return replace(MAIL, message_id=message_id, recipient=recipient, envelope_sender=path, raw=text.encode())


@pytest.mark.parametrize(
    "comes_back_after",
    [timedelta(days=6, hours=20), pytest.param(None, marks=pytest.mark.slow)],
    ids=["back in time", "never back"],
)
@pytest.mark.parametrize("database", ["sqlite:///store/mailbot.sqlite3"])  # with the other too, it takes twice as long
async def test_a_relay_that_is_away_for_a_week(desk: DeskUnderTest, comes_back_after: timedelta | None) -> None:
    """T-99: no mail is lost, given up or sent twice; if the relay stays down, each is given up once."""
    start, longest, week = desk.clock.now(), Retries().longest, timedelta(days=7)
    mails = [notice(number) for number in range(4)]
    with desk.store.transaction():
        numbers = [put_mail(mail, start + timedelta(seconds=n % 3 * 1000)) for n, mail in enumerate(mails)]
    async with Relay(up=False) as relay:
        sending_loop, given_up = sending(desk, relay)
        while waiting := outbox.listing(OutboxState.WAITING):
            desk.clock.set(min(item.next_attempt_at for item in waiting if item.next_attempt_at))
            if comes_back_after and not relay.up and desk.clock.now() - start >= comes_back_after:
                assert (len(waiting), given_up) == (len(mails), [])
                await relay.comes_up()
            assert await sending_loop.send_due()
        desk.passes(days=14)
        assert not await sending_loop.send_due()
    items = outbox.listing()
    assert [(item.id, item.mail) for item in items] == list(zip(numbers, mails, strict=True))
    for tried in map(attempts_of, numbers):
        gaps = [(b.started_at - a.started_at).total_seconds() for a, b in pairwise(tried)]
        assert gaps == [300, 600, 1200, 2400, *[4000] * (len(gaps) - 4)]
        assert all(a.accepted or a.reply.startswith("SMTPConnectError") for a in tried)
    if comes_back_after:
        assert sorted(relay.taken) == sorted((mail.envelope_sender, mail.recipient, mail.raw) for mail in mails)
        assert {item.state for item in items} == {OutboxState.SENT} and given_up == []
    else:
        assert {item.state for item in items} == {OutboxState.FAILED} and relay.taken == []
        assert sorted(number for number, _, _ in given_up) == numbers
        created = {item.id: item.created_at for item in items}
        assert all(week - longest < at - created[number] <= week for number, _, at in given_up)
