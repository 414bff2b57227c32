"""The limits of the web server against clients that are many or silent, and the health check, over real sockets."""

import asyncio
import fcntl
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mailbot.runners.web.connection import WebLimits
from mailbot.runners.web.listener import LimitedListener
from tests.runners.test_smtp import gone
from tests.testkit.browser import SAMPLE
from tests.testkit.certificates import certificate

Start = Callable[..., Any]
ROLES = ("smtp", "worker", "sender", "web")
GET = b"GET / HTTP/1.1\r\nHost: desk.test\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


Connect = Callable[..., Awaitable[Streams]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens connections that are closed at the end of the test."""
    opened: list[Streams] = []

    async def to(address: Any, source: str = "127.0.0.1") -> Streams:
        opened.append(await asyncio.open_connection(address.host, address.port, local_addr=(source, 0)))
        return opened[-1]

    yield to
    for _, writer in opened:
        await gone(writer)


async def status(streams: Streams, request: bytes = GET) -> int:
    """The status code of the answer, 0 when the connection is closed instead."""
    reader, writer = streams
    try:
        writer.write(request)
        line = await asyncio.wait_for(reader.readline(), 20)
    except OSError:
        return 0
    return int(line.split()[1]) if line else 0


async def received(reader: asyncio.StreamReader) -> bytes:
    """Everything until the server closes the connection."""
    try:
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        return b""


async def health(running: Any, path: str = "/readyz") -> tuple[int, str]:
    address = running.service.health
    async with httpx.AsyncClient(base_url=f"http://{address.host}:{address.port}") as client:
        answer = await client.get(path)
        return answer.status_code, answer.text


async def test_silent_connections_keep_nobody_out(start: Start, connect: Connect) -> None:
    """T-9, T-10: a hundred and fifty TCP connections without a request."""
    running = await start(roles=ROLES, web={"max_connections": 100})
    for _ in range(150):
        await connect(running.service.pages)
    assert await status(await connect(running.service.pages)) == 200
    assert await health(running, "/healthz") == (200, "ok\n")


async def test_the_body_of_an_answer_waits_for_no_acknowledgement_of_its_header() -> None:
    """Nagle's algorithm is off: with a delayed acknowledgement it would add 40 ms to each page."""
    accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    listener = LimitedListener(socket.create_server(("127.0.0.1", 0)), WebLimits())
    server = await asyncio.start_server(lambda _, writer: accepted.put(writer), sock=listener)
    _, client = await asyncio.open_connection(*listener.getsockname())
    connection = await accepted.get()
    assert connection.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    for one in (client, connection):
        one.close()
        await one.wait_closed()
    server.close()


async def test_handshakes_that_are_never_complete_are_bounded(start: Start, connect: Connect, tmp_path: Path) -> None:
    """T-9, T-10: clients that open a connection for HTTPS and send no ClientHello; another one is served."""
    certificate(tmp_path / "desk.pem")
    tls = {"tls_cert": str(tmp_path / "desk.pem"), "tls_key": str(tmp_path / "desk.pem")}
    running = await start(roles=ROLES, web={**tls, "max_connections": 20, "max_connections_per_client": 5})
    held = [await connect(running.service.pages, f"127.0.0.{2 + number % 20}") for number in range(300)]
    trusted = ssl.create_default_context(cafile=str(tmp_path / "desk.pem"))
    async with httpx.AsyncClient(base_url=f"https://127.0.0.1:{running.service.pages.port}", verify=trusted) as client:
        assert (await client.get("/")).status_code == 200
    closed = [reader for reader, _ in held if reader.at_eof() or reader.exception() is not None]
    assert len(held) - len(closed) <= 40


NEVER_COMPLETE = [
    b"",
    b"GET / HT",
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\ncode=",
]


async def test_requests_that_are_never_complete(start: Start, connect: Connect) -> None:
    """T-9: the first request of a connection, and the second; the timeouts of all at the same time."""
    running = await start(roles=ROLES, web={"request_seconds": 1})

    async def first(sent: bytes) -> None:
        reader, writer = await connect(running.service.pages)
        writer.write(sent)
        assert await received(reader) == b"", sent

    async def second() -> None:
        reader, writer = await connect(running.service.pages)
        assert await status((reader, writer)) == 200
        writer.write(b"GET / HT")
        assert b"HTTP/1.1" not in await received(reader)

    async with asyncio.TaskGroup() as together:
        for one in (*map(first, NEVER_COMPLETE), second()):
            together.create_task(one)


async def test_one_client_leaves_room_for_others(start: Start, connect: Connect) -> None:
    """T-10: connections of one address beyond its limit are closed; another address, and a proxy, are served."""
    running = await start(roles=ROLES, web={"max_connections_per_client": 5, "trusted_proxies": ["127.0.0.3"]})
    found = []
    for source, number in (("127.0.0.1", 8), ("127.0.0.2", 1), ("127.0.0.3", 8)):
        held = [await connect(running.service.pages, source) for _ in range(number)]
        found.append([await status(one) for one in held])
    assert found == [[200] * 5 + [0] * 3, [200], [200] * 8]


async def test_a_client_in_the_middle_of_a_request_is_not_closed(start: Start, connect: Connect) -> None:
    running = await start(roles=ROLES, web={"max_connections": 5})
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.service.pages.port}") as client:
        for _ in range(3):
            for _ in range(10):
                await connect(running.service.pages)
            assert (await client.post("/login", data=SAMPLE)).status_code == 303


async def test_the_health_of_a_full_disk(start: Start) -> None:
    """T-12: as soon as mail is refused."""
    running = await start(roles=ROLES, smtp={"min_free_bytes": 1 << 62})
    assert await health(running) == (503, "the disk is full: less than smtp.min_free_bytes are free\n")


async def test_the_health_of_a_store_that_cannot_be_written(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-92: another process holds the lock for longer than the desk waits."""
    running = await start(roles=("web",))
    store = running.context.store
    monkeypatch.setattr(store, "lock_timeout_seconds", 0.1)
    with Path(f"{store.path}.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert await health(running) == (503, "the store cannot be written\n")
        assert await health(running, "/healthz") == (200, "ok\n")  # the process lives
    assert await health(running) == (200, "ready\n")


async def test_the_health_check_has_three_paths(start: Start, connect: Connect) -> None:
    running = await start(roles=ROLES)
    assert [(await health(running, path))[0] for path in ("/healthz", "/healthz/", "/readyz/", "/applications")] == [
        200,
        404,
        404,
        404,
    ]
    assert await status(await connect(running.service.pages), GET.replace(b" / ", b" /healthz ")) == 404


@pytest.mark.parametrize("path", ["/login/", "/applications/", "/logout/", "/password/", "/login//"])
async def test_no_answer_is_a_redirect_to_the_host_of_the_request(start: Start, path: str) -> None:
    """T-53, T-57: the Host header field is the client's; every answer has the security headers."""
    running = await start(roles=ROLES)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.service.pages.port}") as client:
        for method in ("GET", "POST"):
            answer = await client.request(method, path, headers={"Host": "evil.example"})
            assert answer.status_code in (403, 404) and "location" not in answer.headers
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-frame-options"] == "DENY" and "evil.example" not in answer.text
