"""Mails at a steady rate to a desk while something else happens, and how long its replies take meanwhile."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.testkit.desk_process import last_line

BODY = b"Subject: x\r\nFrom: a@elsewhere.example\r\nMessage-ID: <%d@elsewhere.example>\r\n\r\nx\r\n.\r\n"
STEPS = (b"MAIL FROM:<a@elsewhere.example>\r\n", b"RCPT TO:<desk@desk.example>\r\n", b"DATA\r\n")


@dataclass
class Replies:
    """Seconds from connecting to the reply to EHLO, and from the final dot to its reply, of each mail."""

    greetings: list[float] = field(default_factory=list)
    receipts: list[float] = field(default_factory=list)
    refused: int = 0  # with another reply than 250, or by closing the connection

    def show(self) -> str:
        greeting, receipt = max(self.greetings) * 1e3, max(self.receipts) * 1e3
        return f"EHLO {greeting:6.0f} ms, 250 {receipt:6.0f} ms, refused {self.refused}"


async def one_mail(port: int, replies: Replies) -> None:
    begin = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await last_line(reader)
        writer.write(b"EHLO c\r\n")
        await last_line(reader)
        replies.greetings.append(time.perf_counter() - begin)
        for step in STEPS:
            writer.write(step)
            await last_line(reader)
        begin = time.perf_counter()
        writer.write(BODY % time.monotonic_ns())
        replies.refused += not (await last_line(reader)).startswith(b"250")
        replies.receipts.append(time.perf_counter() - begin)
    except ConnectionError:  # closed: too many connections wait
        replies.refused += 1
    finally:
        writer.close()


async def probe(port: int, rate: float, end: asyncio.Event) -> Replies:
    """One mail each 1/`rate` seconds, whether the one before it was answered or not, until `end` is set."""
    replies = Replies()
    async with asyncio.TaskGroup() as mails:
        while not end.is_set():
            mails.create_task(one_mail(port, replies))
            with suppress(TimeoutError):
                await asyncio.wait_for(end.wait(), 1 / rate)
    return replies
