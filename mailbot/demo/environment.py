"""The environment of `mailbot demo`: a running desk and its relay on loopback, and people who exchange mail with it."""

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

TIMEOUT_SECONDS = 15.0
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Mail:
    """A notice as its recipient received it."""

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
    def receipt(self) -> str:
        """The receipt number (申込受付番号) of the application that it is about, or ""."""
        return str(self.message["X-Mailbot-Receipt"] or "")

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
    """The system clock, plus the time that `advance_to` has `advance_to`."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._skipped = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self._skipped

    def elapsed(self) -> timedelta:
        return self._clock.elapsed() + self._skipped

    def cpu_time(self) -> timedelta:
        return self._clock.cpu_time()

    def advance_to(self, day: date, hour: int) -> None:
        """Advance to `hour` o'clock in Asia/Tokyo of a future day."""
        wanted = datetime(day.year, day.month, day.day, hour, tzinfo=TOKYO)
        self._skipped += max(timedelta(), wanted - self.now())


class Environment:
    """The running desk: sends mails to it as its users do, and receives its notices."""

    def __init__(
        self, config: Config, context: DeskContext, clock: DemoClock, desk_port: int, sink: Sink, server: DeskServer
    ) -> None:
        self.config = config
        self.context = context
        self.clock = clock
        self._desk_port = desk_port
        self._sink = sink
        self._server = server
        self._received = 0

    def advance_to(self, day: date, hour: int = 10) -> None:
        """Advance the desk's clock, and run the scheduled tasks that are due then."""
        self.clock.advance_to(day, hour)
        deadlines.run_due_tasks(self.clock.now(), self.context)
        self._server.wake_worker()

    def send(
        self,
        name: str,
        address: str,
        subject: str,
        text: str,
        in_reply_to: Mail | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> str:
        """Send a mail to the desk over SMTP, as a person's mail program would; returns the SMTP reply to DATA.

        `in_reply_to`: the notice to reply to.  `file`: name and content of an attachment.
        """
        mail = EmailMessage()
        mail["From"] = formataddr((name, address))
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
        recipient = self.config.desk.address
        if in_reply_to is not None:
            recipient = str(in_reply_to.message["Reply-To"].addresses[0].addr_spec)
            mail["In-Reply-To"] = in_reply_to.message["Message-ID"]
            mail["References"] = (
                f"{in_reply_to.message.get('References', '')} {in_reply_to.message['Message-ID']}".strip()
            )
        mail["To"] = recipient
        mail["Subject"] = subject
        mail.set_content(text, charset="utf-8", cte="base64")
        if file is not None:
            mail.add_attachment(file[1], maintype="application", subtype="octet-stream", filename=file[0])
        with smtplib.SMTP(HOST, self._desk_port, timeout=TIMEOUT_SECONDS) as client:
            client.ehlo()
            client.mail(address)
            client.rcpt(recipient)
            code, reply = client.data(mail.as_bytes(policy=policy.SMTP))
        return f"{code} {reply.decode()}"

    def receive(self, count: int) -> list[Mail]:
        """The next `count` notices, in the order in which they arrive.  Raises TimeoutError after TIMEOUT_SECONDS."""
        mails = self._sink.wait_for(self._received + count, TIMEOUT_SECONDS)
        new = mails[self._received : self._received + count]
        self._received += count
        return [Mail.of(one.raw) for one in new]


@contextmanager
def running_environment(folder: Path) -> Iterator[Environment]:
    """A desk with the sample register and a fresh store in `folder`, running until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="desk", daemon=True)
    thread.start()
    sink = Sink()
    try:
        relay_port = asyncio.run_coroutine_threadsafe(sink.start(HOST), loop).result(TIMEOUT_SECONDS)
        config = _write_config(folder, relay_port)
        with open_desk(config, create=True) as context, context.store.serve_lock():
            with context.store.transaction():
                replace_register(read_register(sample_register()))
            clock = DemoClock()
            server = asyncio.run_coroutine_threadsafe(_make(config, context, clock), loop).result(TIMEOUT_SECONDS)
            listening = asyncio.run_coroutine_threadsafe(server.start(), loop).result(TIMEOUT_SECONDS)
            assert listening is not None  # noqa: S101 - all roles were started
            try:
                yield Environment(config, context, clock, listening.port, sink, server)
            finally:
                asyncio.run_coroutine_threadsafe(server.stop(), loop).result(TIMEOUT_SECONDS)
        asyncio.run_coroutine_threadsafe(sink.stop(), loop).result(TIMEOUT_SECONDS)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(TIMEOUT_SECONDS)
        loop.close()


async def _make(config: Config, context: DeskContext, clock: DemoClock) -> DeskServer:
    """A coroutine, so that the DeskServer is made on the thread of its event loop."""
    return DeskServer(config, context, clock)


def _free_port() -> int:
    """A TCP port that is not in use at the moment: base_url has to name the web server's port before it is started."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def detach_from_relay(config_file: Path) -> None:
    """Rewrite the configuration for a desk that is started later, when the demo's relay is gone."""
    config_file.write_text(config_file.read_text(encoding="utf-8").partition("\n[relay]")[0], encoding="utf-8")


def _write_config(folder: Path, relay_port: int) -> Config:
    path = folder / "config.toml"
    web_port = _free_port()
    path.write_text(
        f'[desk]\nbase_url = "http://{HOST}:{web_port}/"\n\n'
        f'[web]\nhost = "{HOST}"\nport = {web_port}\nhealth_port = 0\n\n'
        f'[smtp]\nhost = "{HOST}"\nport = 0\nhostname = "desk.example"\n\n'
        f'[relay]\nhost = "{HOST}"\nport = {relay_port}\ntls = "none"\n',
        encoding="utf-8",
    )
    return load(path, {})
