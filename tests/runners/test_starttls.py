"""Clients that stop, talk nonsense or hang up while TLS begins (T-4, T-9, T-10), over real sockets."""

import asyncio
import contextlib
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from mailbot.records.queues import inbox
from mailbot.runners.smtp import session
from tests.runners.test_smtp import MAIL, gone, reply, transaction
from tests.runners.test_smtp_limits import connect_from
from tests.testkit.certificates import certificate

Start = Callable[..., Any]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
EHLO = b"EHLO client.example\r\n"
ONE_CLIENT = ("127.0.0.1",)
MANY_CLIENTS = tuple(f"127.0.0.{number}" for number in range(2, 42))
GARBAGE = b"\xff" * 5_000
CLIENT_HELLO = bytes.fromhex("160301020001")  # the beginning of a record that says it has 512 octets


@pytest.fixture
async def desk(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """With room for thirty connections."""
    monkeypatch.setattr(session, "HANDSHAKE_SECONDS", 1)
    certificate(tmp_path / "desk.pem")
    return await start(
        smtp={
            "tls_cert": str(tmp_path / "desk.pem"),
            "max_connections": 30,
            "max_connections_per_client": 20,
            "max_connections_per_minute": 1_000,
            "unlimited_clients": [],
        },
        roles=("smtp",),
    )


@pytest.fixture
async def open_tls(desk: Any, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Streams]]]:
    """Opens connections up to the ClientHello, or with `done` up to the end of the handshake."""
    opened: list[asyncio.StreamWriter] = []

    async def to_tls(source: str = "127.0.0.1", *, done: bool = False) -> Streams:
        reader, writer = await connect_from(source, desk.port)
        opened.append(writer)
        await reply(reader)
        writer.write(EHLO)
        await reply(reader)
        writer.write(b"STARTTLS\r\n")
        await reply(reader)
        if done:
            context = ssl.create_default_context(cafile=str(tmp_path / "desk.pem"))
            await writer.start_tls(context, server_hostname="127.0.0.1")
        return reader, writer

    yield to_tls
    for writer in opened:
        writer.transport.abort()


async def all_over(desk: Any) -> None:
    """Until the desk has no connection and no socket of one: a limit of time of the test ends the wait."""
    handler, server = desk.service._handler, desk.service._server
    while len(handler.connections) or (server._active_count if sys.version_info < (3, 13) else server._clients):
        await asyncio.sleep(0.02)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("sources", [ONE_CLIENT * 40, MANY_CLIENTS], ids=["one client", "many clients"])
@pytest.mark.parametrize(
    "sent",
    [(), (CLIENT_HELLO,), (CLIENT_HELLO, *[b"x"] * 300), (GARBAGE,), (b"EHLO c\r\nMAIL FROM:<a@b.example>\r\n",), None],
    ids=["nothing", "the beginning", "an octet at a time", "garbage", "clear text", "the end"],
)
async def test_handshakes_that_are_never_complete(
    desk: Any, open_tls: Callable[..., Awaitable[Streams]], sources: Iterable[str], sent: tuple[bytes, ...] | None
) -> None:
    """T-9, T-10: others are served meanwhile, and neither a socket nor a place of a connection is left over."""
    sending = []
    for source in sources:
        try:
            _, writer = await open_tls(source)
        except ConnectionError:
            continue  # beyond the limit of one client
        if sent is None:
            writer.close()
        else:
            sending.append(asyncio.create_task(slowly(writer, sent)))
    assert await is_served_from_elsewhere(desk)
    await all_over(desk)
    await asyncio.gather(*sending)
    assert inbox.count_not_transferred(desk.context.store)[0] == 1


async def slowly(writer: asyncio.StreamWriter, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        if writer.transport.is_closing():
            return
        writer.write(piece)
        await asyncio.sleep(0.01)


async def is_served_from_elsewhere(desk: Any) -> bool:
    reader, writer = await connect_from("127.0.0.99", desk.port)
    answers = [await reply(reader)]
    for step in transaction(MAIL + b"\r\n.\r\n"):
        writer.write(step)
        answers.append(await reply(reader))
    await gone(writer)
    return answers[-1].startswith(b"250")


async def test_tls_begins_once(desk: Any, open_tls: Callable[..., Awaitable[Streams]]) -> None:
    """RFC 3207 §4.2: not offered again, and refused; the session goes on."""
    reader, writer = await open_tls(done=True)
    writer.write(EHLO)
    offered = b""
    while not offered.startswith(b"250 "):
        offered = await asyncio.wait_for(reader.readline(), 20)
        assert b"STARTTLS" not in offered
    writer.write(b"STARTTLS\r\n")
    assert (await reply(reader)).startswith(b"503")
    for step in transaction(MAIL + b"\r\n.\r\n")[1:]:
        writer.write(step)
        answer = await reply(reader)
    assert answer.startswith(b"250")


@pytest.mark.timeout(30)
@pytest.mark.parametrize("end", ["abort", "garbage"])
async def test_tls_that_ends_in_the_middle_of_a_mail(
    desk: Any, open_tls: Callable[..., Awaitable[Streams]], end: str
) -> None:
    """T-7: it is not stored; one that was acknowledged in the same session is."""
    reader, writer = await open_tls(done=True)
    for step in transaction(MAIL + b"\r\n.\r\n"):
        writer.write(step)
        answer = await reply(reader)
    assert answer.startswith(b"250")
    for step in transaction(b"")[1:4]:
        writer.write(step)
        await reply(reader)
    writer.write(MAIL)
    await writer.drain()
    if end == "abort":
        writer.transport.abort()
    else:
        os.write(writer.get_extra_info("socket").fileno(), GARBAGE)
    await all_over(desk)
    assert inbox.count_not_transferred(desk.context.store)[0] == 1


class TlsWithoutReading:
    """A TLS client that reads nothing after the handshake."""

    def __init__(self, port: int) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(incoming, self._outgoing)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.connect(("127.0.0.1", port))
        for line in (b"", EHLO, b"STARTTLS\r\n"):
            self.socket.sendall(line)
            self.socket.recv(65_536)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.socket.sendall(self._outgoing.read())
                incoming.write(self.socket.recv(65_536))

    def send(self, octets: bytes) -> None:
        self._tls.write(octets)
        self.socket.sendall(self._outgoing.read())

    def send_close_notify(self) -> None:
        """Send close_notify (RFC 8446 §6.1)."""
        with contextlib.suppress(ssl.SSLError):  # the server's own has not been read
            self._tls.unwrap()
        self.socket.sendall(self._outgoing.read())


@pytest.mark.timeout(15)
@pytest.mark.parametrize("sends_close_notify", [False, True], ids=["silent after QUIT", "close_notify"])
async def test_a_tls_client_that_reads_nothing_is_no_connection_for_ever(
    desk: Any, monkeypatch: pytest.MonkeyPatch, *, sends_close_notify: bool
) -> None:
    """T-9: asyncio waits 30 seconds for a close_notify, and for ever for a client that has sent its own."""
    monkeypatch.setattr(session, "UNREAD_SECONDS", 0.3)
    monkeypatch.setattr(session, "MAX_REPLIES_WITHOUT_MAIL", 10**6)
    made, push, all_replied = session.SmtpSession.connection_made, session.SmtpSession.push, asyncio.Event()

    def with_little_memory(one: session.SmtpSession, transport: asyncio.BaseTransport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        made(one, transport)

    async def counted(one: session.SmtpSession, status: Any) -> None:
        await push(one, status)
        if one._replies == 602:  # to EHLO and STARTTLS, too
            all_replied.set()

    monkeypatch.setattr(session.SmtpSession, "connection_made", with_little_memory)
    monkeypatch.setattr(session.SmtpSession, "push", counted)
    client = await asyncio.to_thread(TlsWithoutReading, desk.port)
    if sends_close_notify:
        (served,) = desk.service._handler.connections
        await asyncio.to_thread(client.send, EHLO * 600)  # all are read, and of the replies a part stays unsent
        await all_replied.wait()
        assert served._original_transport.get_write_buffer_size()
        await asyncio.to_thread(client.send_close_notify)
    else:
        client.send(b"QUIT\r\n")
    await all_over(desk)
    client.socket.close()
