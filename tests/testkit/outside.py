"""Somebody who sees a running desk only from outside: by its mails over SMTP, and by the command line."""

import json
import os
import smtplib
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mailbot.clock import ManualClock
from mailbot.desk.calendar import deadlines
from tests.testkit.running_desk import Running

_MAILBOT = [sys.executable, "-m", "mailbot"]
# `mailbot` at the time of a desk whose time passes: the first word is the instant.
_MAILBOT_AT = [
    sys.executable,
    "-c",
    "import sys, datetime, mailbot.clock as clock\n"
    "now = datetime.datetime.fromisoformat(sys.argv.pop(1))\n"
    "clock.SystemClock = lambda: clock.ManualClock(now)\n"
    "from mailbot.cli import main\n"
    "main()",
]


@dataclass
class Outside:
    """Who sends mails to the desk and reads what it sends, as the relay gets it."""

    desk: Running
    clock: ManualClock | None = None  # of the desk, where time passes
    seen: int = 0
    latest: dict[tuple[str, str], EmailMessage] = field(default_factory=dict)  # (recipient, kind) → notice
    return_paths: dict[tuple[str, str], str] = field(default_factory=dict)

    def sends(self, sender: str, text: str, *expected: str, to: str = "", **more: Any) -> None:
        """Send one mail; exactly the `expected` notices come: `taro received`.  Nothing that came is left over."""
        self.submits(sender, text, to=to, **more)
        self.gets(*expected)

    def submits(self, sender: str, text: str, to: str = "", **more: Any) -> None:
        """Send one mail."""
        to = to or self.desk.config.desk.address
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender, to, more.pop("subject", "Re: ご連絡")
        mail["Message-ID"] = f"<{self.seen}.{len(text)}.{hash((sender, text))}@x.example>"
        data, envelope_sender = more.pop("data", b""), more.pop("envelope_sender", sender)
        for name, value in more.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text, charset="utf-8")
        if data:
            mail.add_attachment(data, maintype="image", subtype="png", filename="画面.png")
        self.hands_over(mail.as_bytes(), envelope_sender, to)

    def hands_over(self, raw: bytes, envelope_sender: str, to: str) -> str:
        """One mail over SMTP; the answer to its data, in which the desk says its number."""
        with smtplib.SMTP("127.0.0.1", self.desk.port, timeout=60) as client:
            client.ehlo()
            client.mail(envelope_sender)
            client.rcpt(to)
            code, answer = client.data(raw)
        if code != 250:
            raise smtplib.SMTPDataError(code, answer)
        return answer.decode()

    def gets(self, *expected: str) -> None:
        """Exactly the `expected` notices come without a mail."""
        self.gets_one_of(expected)

    def gets_one_of(self, *expected: tuple[str, ...]) -> None:
        """The notices of one of several endings, which are equally many, come without a mail."""
        mails = self.desk.sink.wait_for(self.seen + len(expected[0]), 60)[self.seen :]
        self.seen += len(mails)
        got: Counter[str] = Counter()
        for one in mails:
            notice = message_from_bytes(one.raw, policy=policy.default)
            assert isinstance(notice, EmailMessage)
            key = (one.recipients[0], str(notice["X-Mailbot-Notice"]))
            self.latest[key], self.return_paths[key] = notice, one.sender
            got[f"{key[0].partition('@')[0]} {key[1]}"] += 1
        assert got in [Counter(one) for one in expected], got

    def passes(self, *expected: str, **step: float) -> None:
        """So much time passes, and what is due then is done; exactly the `expected` notices come."""
        assert self.clock is not None
        self.clock.advance(timedelta(**step))
        deadlines.run_due_tasks(self.clock.now(), self.desk.context)
        self.desk.service.wake_worker()
        self.gets(*expected)

    def replies(self, person: str, kind: str, text: str, *expected: str, **more: Any) -> None:
        """Reply to the latest notice of that kind to that person."""
        self.sends(person, self.reply(person, kind, text), *expected, **(self.reply_to(person, kind) | more))

    def reply(self, person: str, kind: str, text: str) -> str:
        """`text` above the quoted notice."""
        quote = "\n".join(f"> {line}" for line in self.text(person, kind).splitlines())
        return f"{text}\n\n2026年11月20日 desk:\n\n{quote}\n"

    def reply_to(self, person: str, kind: str) -> dict[str, str]:
        """The address and the subject of a reply to the latest notice of that kind to that person."""
        notice = self.latest[person, kind]
        return {"to": str(notice["Reply-To"].addresses[0].addr_spec), "subject": f"Re: {notice['Subject']}"}

    def text(self, person: str, kind: str) -> str:
        """The plain text of the latest notice of that kind to that person."""
        body = self.latest[person, kind].get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def flat(self, person: str, kind: str) -> str:
        """… without white space, as lines are wrapped."""
        return "".join(self.text(person, kind).split())

    def command(self, *words: str, code: int = 0, cwd: Path | None = None) -> str:
        """`mailbot WORDS` in a process of its own, which must end with `code`: what it printed."""
        done = self.starts(*words, cwd=cwd)
        printed, complained = done.communicate(timeout=60)
        assert done.returncode == code, complained + printed
        self.desk.service.wake_worker()  # as it does by itself, a little later
        return printed if code == 0 else complained + printed

    def json(self, *words: str) -> Any:
        """What `mailbot --json WORDS` printed."""
        return json.loads(self.command("--json", *words))

    def starts(self, *words: str, cwd: Path | None = None) -> "subprocess.Popen[str]":
        """`mailbot WORDS`, which runs while other things happen."""
        config = self.desk.config
        names = {
            "STORE_URL": config.store.url,
            "AUTH_REQUIRE": config.auth.require,
            "DESK_ADDRESS": config.desk.address,
            "RELAY_PORT": str(config.relay.port),
        }
        variables = {f"MAILBOT_{name}": value for name, value in names.items()}
        mailbot = [*_MAILBOT_AT, self.clock.now().isoformat()] if self.clock is not None else _MAILBOT
        return subprocess.Popen(
            [*mailbot, *words],
            cwd=cwd or config.base,
            env=os.environ | variables | {"MAILBOT_DESK_LANGUAGE": config.desk.language},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
