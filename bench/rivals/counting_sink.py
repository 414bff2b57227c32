"""A relay that counts notices and keeps when each came: less work for a mail than what it measures.

It speaks as much SMTP as the desk, smtplib and Postfix use, on an event loop in a thread of its own.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator

END_OF_DATA = b"\r\n.\r\n"


class CountingSink:
    """`arrivals`: recipient → when its first notice came (`time.perf_counter`); `count`: all notices."""

    def __init__(self) -> None:
        self.port = 0
        self.count = 0
        self.arrivals: dict[str, float] = {}
        self._came = threading.Condition()

    def came(self, recipients: list[str]) -> None:
        with self._came:
            self.count += 1
            for recipient in recipients:
                self.arrivals.setdefault(recipient, time.perf_counter())
            self._came.notify_all()

    def wait_for(self, count: int, timeout: float = 120) -> None:
        """Until there were `count` notices.  Raises TimeoutError after `timeout` seconds."""
        with self._came:
            if not self._came.wait_for(lambda: self.count >= count, timeout):
                raise TimeoutError(f"{self.count} of {count} notices after {timeout:g} s")


class _Session(asyncio.Protocol):
    def __init__(self, sink: CountingSink, sessions: set[asyncio.BaseTransport]) -> None:
        self._sink, self._sessions = sink, sessions
        self._buffer = bytearray()
        self._recipients: list[str] = []
        self._in_data = False
        self._searched = 0  # octets of the mail in which its end is not

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sessions.add(transport)
        self._reply(b"220 sink.example")

    def connection_lost(self, _: Exception | None) -> None:
        self._sessions.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._take_mail() if self._in_data else self._take_line():
            pass

    def _reply(self, line: bytes) -> None:
        self._transport.write(line + b"\r\n")

    def _take_mail(self) -> bool:
        end = self._buffer.find(END_OF_DATA, max(0, self._searched - len(END_OF_DATA)))
        if end < 0:
            self._searched = len(self._buffer)
            return False
        del self._buffer[: end + len(END_OF_DATA)]
        self._sink.came(self._recipients)
        self._in_data, self._recipients = False, []
        self._reply(b"250 2.0.0 OK")
        return True

    def _take_line(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self._buffer[:end])
        verb = line[:4].upper()
        if verb == b"DATA":
            del self._buffer[:end]  # its CRLF stays: the end of an empty mail looks like any other
            self._in_data, self._searched = True, 0
            self._reply(b"354 go on")
            return True
        del self._buffer[: end + 2]
        if verb == b"RCPT":
            self._recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
        elif verb in (b"RSET", b"MAIL"):
            self._recipients = []
        self._reply(
            b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8"
            if verb == b"EHLO"
            else b"250 2.0.0 OK"
        )
        if verb == b"QUIT":
            self._transport.close()
        return True


@contextlib.contextmanager
def counting_sink() -> Iterator[CountingSink]:
    """One that listens on a free port of 127.0.0.1."""
    sink, loop = CountingSink(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    sessions: set[asyncio.BaseTransport] = set()

    async def listen() -> asyncio.Server:
        return await loop.create_server(lambda: _Session(sink, sessions), "127.0.0.1", 0)

    async def end() -> None:
        server.close()
        for transport in list(sessions):  # a client may keep its connection open for the next mail
            transport.close()
        await asyncio.sleep(0)  # lets the event loop close them

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
