"""Desks that are killed under load, one after the other, and what is left of it at the end (T-88).

Senders behave as mail servers do: what was not answered by 250 is sent again, the same mail.  A robot reviews, asks
and answers inquiries.  The relay is ours and counts what it gets.
"""

import asyncio
import atexit
import hashlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import IO

from aiosmtpd.smtp import SMTP, Envelope, Session

from mailbot.config import load
from mailbot.mail.dkim.sign import Sign, make_signer, read_signing_key
from mailbot.mail.dkim.signature import Algorithm
from mailbot.records.database import Store, open_store
from mailbot.records.log import mail_log
from mailbot.records.maintenance import consistency
from mailbot.records.maintenance.stages import waiting_stages
from mailbot.records.register.offices import replace_register
from mailbot.records.schema.application_tables import StepRow
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow
from mailbot.runners.sink import Sink
from tests.testkit import kill_inquiries
from tests.testkit.desk import FORM, sample_offices
from tests.testkit.fork_server import POINTS
from tests.testkit.mail_domains import key_of
from tests.testkit.records import all_contents

SENDERS = 6
MOST_WAITING = 2 * SENDERS  # mails that were not acknowledged: they are sent again first
MOST_APPLICATIONS = 30  # in one life: they are received much faster than they are handled
MOST_AT_AN_INSTANT = 10  # enough for HIGHEST_TURN of each; what is more only has to be handled at the end
LONGEST_LIFE = 0.35  # seconds of a desk, when it is killed at random
CONNECTIONS = load(None, {}).relay.connections  # a kill can fall between the final dot and the mark on each of them
_ANSWERED = ("review-request", "inquiry", "received")  # kinds of notices
FORMS = ("A0A", "A0B", "A01", "A02", "A03")
CONFIG = """\
[desk]
answers_per_hour = 1000000
answers_per_day = 1000000
changes_per_day = 1000000
[smtp]
port = 0
[web]
enabled = false
[relay]
host = "127.0.0.1"
{relay}
retry_first_seconds = 1
retry_max_seconds = 1
[auth]
require = "dmarc"
nameservers = ["127.0.0.1:1"]
trusted_authserv_ids = ["mx.desk.example"]
[store]
url = "{url}"
"""


@dataclass
class Tally:
    """The line of one series in the table."""

    series: str
    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    notices: int = 0
    repeated: int = 0  # notices that came twice, the same octets, after a kill in the RFC 1047 window
    changed: int = 0  # repeats that were not the same octets, or more than one for each kill and connection
    applications: int = 0
    inquiries: int = 0  # acknowledged
    answers: int = 0  # to different people and questions
    inquiries_lost: int = 0  # … that nobody was asked to answer, or whose answer did not reach the one who wrote
    answers_doubled: int = 0  # answers that were sent to the same person twice
    faults: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        inquiries_amiss = self.inquiries_lost or self.answers_doubled
        return not (self.lost or self.doubled or self.changed or inquiries_amiss or self.faults)


@cache
def _fork_server() -> subprocess.Popen[str]:
    """One for all trials of a process; it ends with it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.testkit.fork_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    """End it with the desk that it may have started."""
    assert server.stdin is not None and server.stdout is not None
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    server.stdin.close()
    server.stdout.close()


class _Relay(Sink):
    """A sink that says when it has received a mail."""

    def __init__(self) -> None:
        super().__init__()
        self.received = asyncio.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        self.received.set()
        return answer


class Trial:
    """One store through many deaths."""

    def __init__(self, folder: Path, url: str, seed: int, series: str) -> None:
        self._folder, self._url = folder, url
        self._chance = random.Random(seed)
        self._tally = Tally(series)
        self._numbers = 0
        self._waiting: list[tuple[str, str, bytes]] = []  # (sender, recipient, mail): not acknowledged yet
        self._acknowledged: set[str] = set()
        self._questions: set[int] = set()
        self.sink = _Relay()
        self.relay = ""  # further lines of [relay], another port among them: a server in front of the sink
        self.longest_life = 2.0  # of a desk that is killed at an instant
        self.settled: Callable[[], None] = lambda: None  # called at the end: everything has reached the sink
        self._seen = 0
        self._left = MOST_APPLICATIONS
        self._drains = False  # nothing new comes in: the backlog shrinks, and answers are answered
        self._busy: set[str] = set()

    async def run(self, kills: int, point: str = "-") -> Tally:
        """Kill `kills` desks, at random or at `point`; then let one finish, and look at everything."""
        port = await self.sink.start()
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "config.toml").write_text(CONFIG.format(relay=self.relay or f"port = {port}", url=self._url))
        with closing(open_store(self._url, self._folder, create=True)) as store, store.transaction():
            replace_register(sample_offices())
        server = _fork_server()
        assert server.stdin is not None and server.stdout is not None
        try:
            for number in range(kills):
                self._drains = 4 * number >= 3 * kills
                await self._one_life(server.stdin, server.stdout, point)
            await self._last_life(server.stdin, server.stdout)
        except BaseException:
            _end(server)  # its desk may still run; the next trial has another
            _fork_server.cache_clear()
            raise
        await asyncio.to_thread(self.settled)
        await self.sink.stop()
        self._look()
        return self._tally

    async def _start(self, orders: IO[str], answers: IO[str], point: str) -> tuple[int, int]:
        """(pid, port) of a desk; port 0 when it died before it listened."""
        orders.write(f"{self._chance.randrange(10**6)}\t{point}\t{self._folder.absolute()}\n")
        pid = port = 0
        while not (pid and port):
            word, _, number = (await asyncio.to_thread(answers.readline)).strip().partition(" ")
            if word == "ended":
                return pid, 0
            pid, port = (int(number), port) if word == "pid" else (pid, int(number))
        return pid, port

    async def _one_life(self, orders: IO[str], answers: IO[str], point: str) -> None:
        pid, port = await self._start(orders, answers, point)
        self._tally.kills += 1
        if not port:
            return
        self._left = 0 if self._drains else MOST_APPLICATIONS if point == "-" else MOST_AT_AN_INSTANT
        senders = [asyncio.create_task(self._send_all(port)) for _ in range(SENDERS)]
        ended = asyncio.create_task(asyncio.to_thread(answers.readline))
        longest = self._chance.uniform(0, LONGEST_LIFE * (1 + 2 * self._drains)) if point == "-" else self.longest_life
        done, _ = await asyncio.wait([ended], timeout=longest)
        if not done:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert (await ended).strip() == "ended"
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)

    async def _last_life(self, orders: IO[str], answers: IO[str]) -> None:
        """Until nothing waits any more, in or out."""
        pid, port = await self._start(orders, answers, "-")
        assert port, "the last desk did not start"
        with closing(open_store(self._url, self._folder)) as store:
            for _ in range(4000):
                self._review({"inquiry"})
                while self._waiting:
                    await self._send_one(port, self._waiting[0])
                if not _left(store):
                    break
                await asyncio.sleep(0.05)
            else:
                self._tally.faults.append(f"still waiting at the end: {_left(store)}")
        os.kill(pid, signal.SIGTERM)
        assert (await asyncio.to_thread(answers.readline)).strip() == "ended"

    async def _send_all(self, port: int) -> None:
        while True:
            self.sink.received.clear()
            self._review()
            if not self._waiting or (len(self._waiting) < MOST_WAITING and self._chance.random() < 0.5):
                self._write_application()
            if not self._waiting:
                await self.sink.received.wait()
                continue
            await self._send_one(port, self._waiting[self._chance.randrange(len(self._waiting))])

    def _write_application(self) -> None:
        if not self._left:
            return
        self._left -= 1
        if self._chance.random() < 0.2:
            self._ask("desk@desk.example")
            return
        text = FORM.replace("A0A", self._chance.choice(FORMS))
        self._write("taro@naxtrade.example", "desk@desk.example", "パスワード初期化の申込", text)

    def _ask(self, recipient: str) -> None:
        """A question, about an application where `recipient` is the reply address of one."""
        number = self._numbers + 1
        self._questions.add(number)
        self._write("taro@naxtrade.example", recipient, "お問い合わせ", kill_inquiries.question(number))

    def _write(self, sender: str, recipient: str, subject: str, text: str) -> None:
        self._numbers += 1
        mail = EmailMessage(policy=policy.SMTP)
        domain = sender.partition("@")[2]
        mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{self._numbers}.kill@{domain}>"
        mail.set_content(text + f"\n備考：{self._numbers}\n" if "手続" in text else text, charset="utf-8")
        # The relay in front of the desk has verified the signature: there is no DNS here.
        results = f"mx.desk.example; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
        raw = f"Authentication-Results: {results}\r\n".encode() + _signer(domain)(mail.as_bytes())
        self._waiting.append((sender, recipient, raw))

    def _review(self, kinds: Collection[str] = _ANSWERED) -> None:
        """Answer what has come meanwhile: those `kinds` of notices."""
        mails = self.sink.wait_for(0, 0)
        for mail in mails[self._seen :]:
            notice = _header_of(mail.raw)
            kind, reader, answer = notice["X-Mailbot-Notice"], mail.recipients[0], notice["Reply-To"]
            if kind not in kinds or self._chance.random() > 0.7:
                continue
            to = str(answer.addresses[0].addr_spec)
            if kind == "review-request":
                words = "承認\n" if self._chance.random() < 0.8 else "修正\n理由をお知らせください。\n"
                self._write(reader, to, "Re:", words)
            elif kind == "inquiry":  # of two readers both answer
                self._write(reader, to, "Re:", kill_inquiries.ANSWER)
            elif reader.startswith("taro@") and self._chance.random() < 0.3:
                self._ask(to)
        self._seen = len(mails)

    async def _send_one(self, port: int, entry: tuple[str, str, bytes]) -> None:
        sender, recipient, mail = entry
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                steps = ["", "EHLO c", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"]
                for step in steps:
                    if step:
                        writer.write(step.encode() + b"\r\n")
                    answer = await _answer(reader)
                    if answer[:1] not in (b"2", b"3"):
                        self._tally.faults.append(f"{step}: {answer!r}")
                        self._drop(entry)
                        return
                writer.write(mail + b".\r\n")
                answer = await _answer(reader)
                if answer.startswith(b"250"):
                    self._acknowledged.add(str(message_from_bytes(mail)["Message-ID"]))
                    self._drop(entry)
                    return
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.02)  # it cannot just now: it is dying, or its store is away

    def _drop(self, entry: tuple[str, str, bytes]) -> None:
        if entry in self._waiting:
            self._waiting.remove(entry)

    def _look(self) -> None:
        tally = self._tally
        with closing(open_store(self._url, self._folder)) as store, store.reading():
            kept = {number: str(_header_of(raw)["Message-ID"]) for number, raw in all_contents(store)}
            tally.acknowledged = len(self._acknowledged)
            tally.lost = len(self._acknowledged - set(kept.values()))
            tally.doubled = _carried_out_twice(kept) + _stepped_twice()
            self._compare_inquiries(kept)
            found = consistency.check_consistency(store)
            tally.applications = found.counts["applications"]
            tally.faults += found.faults
            if mail_log.verify()[1] is not None:
                tally.faults.append("the mail log does not verify")
            if store.kind == "sqlite":
                tally.faults += store.problems() + store.intake.problems()
            self._compare_notices()

    def _compare_inquiries(self, kept: Mapping[int, str]) -> None:
        tally = self._tally
        answered_by_250 = {
            number for number in self._questions if f"<{number}.kill@naxtrade.example>" in self._acknowledged
        }
        raws = [mail.raw for mail in self.sink.wait_for(0, 0)]
        tally.inquiries = len(answered_by_250)
        tally.inquiries_lost = kill_inquiries.lost(answered_by_250, kept, raws)
        tally.answers = len(kill_inquiries.answers(raws))
        tally.answers_doubled = kill_inquiries.answered_twice(raws)

    def _compare_notices(self) -> None:
        tally = self._tally
        arrived: dict[str, list[str]] = {}
        for mail in self.sink.wait_for(0, 0):
            number = str(_header_of(mail.raw)["Message-ID"])
            arrived.setdefault(number, []).append(hashlib.sha256(mail.raw).hexdigest())
        written = {row.message_id for row in OutboxRow.select(OutboxRow.message_id)}
        tally.notices = len(written)
        tally.lost += len(written - set(arrived))
        tally.repeated = sum(len(copies) - 1 for copies in arrived.values())
        tally.changed = sum(len(set(copies)) > 1 for copies in arrived.values())
        tally.changed += len(set(arrived) - written) + max(0, tally.repeated - tally.kills * CONNECTIONS)


def _left(store: Store) -> int:
    with store.reading():
        return sum(stage.count for stage in waiting_stages(store))


@cache
def _signer(domain: str) -> Sign:
    """By the desk's own code, which uses OpenSSL and is faster than dkimpy: nobody verifies the signature here."""
    key = read_signing_key("s1", key_of(domain)[0], Algorithm.RSA)
    return make_signer(domain, [key], lambda: datetime.now(UTC))


def _header_of(raw: bytes) -> Message:
    """The header alone: there are many notices, and their bodies are long."""
    return message_from_bytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=policy.default)


def _carried_out_twice(kept: Mapping[int, str]) -> int:
    """`kept`: number of each received mail → its Message-ID."""
    done = Counter(kept[row.id] for row in InboxRow.select().where(InboxRow.disposition == "carried_out"))
    return sum(count - 1 for count in done.values())


def _stepped_twice() -> int:
    """A submission, or a decision, of one application more than once for the same revision."""
    rows = StepRow.select().where(StepRow.event.in_(["submit", "approve"]))
    counts = Counter((row.application_id, row.event, row.revision) for row in rows)
    return sum(count - 1 for count in counts.values())


async def _answer(reader: asyncio.StreamReader) -> bytes:
    while True:
        line = await reader.readuntil(b"\n")
        if line[3:4] != b"-":
            return line


__all__ = ["CONNECTIONS", "POINTS", "Tally", "Trial"]
