"""A desk, a mail server for its people, and the people: all real, all on loopback, all in a temporary directory."""

import asyncio
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from pathlib import Path

from mailbot.app.context import open_desk, sample_register
from mailbot.app.server import DeskServer
from mailbot.clock import TOKYO, SystemClock
from mailbot.config import Config, load
from mailbot.desk.calendar import deadlines
from mailbot.desk.context import DeskContext
from mailbot.records.register.offices import replace_register
from mailbot.register_files.register_file import read_register
from mailbot.runners.sink import Sink

PATIENCE_SECONDS = 15.0
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Mail:
    """A notice as its reader has it."""

    raw: bytes
    message: EmailMessage

    @classmethod
    def of(cls, raw: bytes) -> "Mail":
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101 - policy.default makes no other
        return cls(raw, message)

    @property
    def kind(self) -> str:
        return str(self.message["X-Mailbot-Notice"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def to(self) -> str:
        return str(self.message["To"].addresses[0].addr_spec)

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


class DemoClock:
    """The time of day, and days that have been turned over on top of it."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def elapsed(self) -> timedelta:
        return self._clock.elapsed() + self._ahead

    def turn_to(self, day: date, hour: int) -> None:
        """Go on to `hour` o'clock in Tokyo of a day to come."""
        wanted = datetime(day.year, day.month, day.day, hour, tzinfo=TOKYO)
        self._ahead += max(timedelta(), wanted - self.now())


class World:
    """The running desk with its people."""

    def __init__(
        self, config: Config, context: DeskContext, clock: DemoClock, desk_port: int, sink: Sink, service: DeskServer
    ) -> None:
        self.config = config
        self.context = context
        self.clock = clock
        self._desk_port = desk_port
        self._sink = sink
        self._service = service
        self._seen = 0

    def turn_to(self, day: date, hour: int = 10) -> None:
        """Turn the clock of the whole desk on, and let the scheduler knock as it would have done."""
        self.clock.turn_to(day, hour)
        deadlines.run_due_tasks(self.clock.now(), self.context)
        self._service.wake_sender()

    def send(
        self,
        name: str,
        address: str,
        subject: str,
        text: str,
        answering: Mail | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> str:
        """Mail the desk over SMTP as a person's mail program would; returns the server's answer."""
        mail = EmailMessage()
        mail["From"] = formataddr((name, address))
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
        recipient = self.config.desk.address
        if answering is not None:
            recipient = str(answering.message["Reply-To"].addresses[0].addr_spec)
            mail["In-Reply-To"] = answering.message["Message-ID"]
            mail["References"] = f"{answering.message.get('References', '')} {answering.message['Message-ID']}".strip()
        mail["To"] = recipient
        mail["Subject"] = subject
        mail.set_content(text, charset="utf-8", cte="base64")
        if file is not None:
            mail.add_attachment(file[1], maintype="application", subtype="octet-stream", filename=file[0])
        with smtplib.SMTP(HOST, self._desk_port, timeout=PATIENCE_SECONDS) as client:
            client.ehlo()
            client.mail(address)
            client.rcpt(recipient)
            code, answer = client.data(mail.as_bytes(policy=policy.SMTP))
        return f"{code} {answer.decode()}"

    def gets(self, count: int) -> list[Mail]:
        """The next `count` notices that the desk has mailed.  Raises TimeoutError when they do not come."""
        mails = self._sink.wait_for(self._seen + count, PATIENCE_SECONDS)
        new = mails[self._seen : self._seen + count]
        self._seen += count
        return [Mail.of(one.raw) for one in new]


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """A desk with the sample register and a fresh store in `folder`, running until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="desk", daemon=True)
    thread.start()
    sink = Sink()
    try:
        relay_port = asyncio.run_coroutine_threadsafe(sink.start(HOST), loop).result(PATIENCE_SECONDS)
        config = _write_config(folder, relay_port)
        with open_desk(config, create=True) as context, context.store.serve_lock():
            with context.store.transaction():
                replace_register(read_register(sample_register()))
            clock = DemoClock()
            service = asyncio.run_coroutine_threadsafe(_make(config, context, clock), loop).result(PATIENCE_SECONDS)
            listening = asyncio.run_coroutine_threadsafe(service.start(), loop).result(PATIENCE_SECONDS)
            assert listening is not None  # noqa: S101 - all roles were started
            try:
                yield World(config, context, clock, listening.port, sink, service)
            finally:
                asyncio.run_coroutine_threadsafe(service.stop(), loop).result(PATIENCE_SECONDS)
        asyncio.run_coroutine_threadsafe(sink.stop(), loop).result(PATIENCE_SECONDS)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()


async def _make(config: Config, context: DeskContext, clock: DemoClock) -> DeskServer:
    """On the loop's own thread, where a DeskServer must be made."""
    return DeskServer(config, context, clock)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _write_config(folder: Path, relay_port: int) -> Config:
    path = folder / "config.toml"
    web_port = _free_port()
    path.write_text(
        f'[desk]\nbase_url = "http://{HOST}:{web_port}/"\n\n[web]\nhost = "{HOST}"\nport = {web_port}\n\n'
        f'[smtp]\nhost = "{HOST}"\nport = 0\nhostname = "desk.example"\n\n'
        f'[relay]\nhost = "{HOST}"\nport = {relay_port}\ntls = "none"\n',
        encoding="utf-8",
    )
    return load(path, {})
