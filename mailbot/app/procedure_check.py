"""Runs the examples of the operator's own procedures, each at a new desk with the sample register."""

import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mailbot.app.context import open_desk, sample_register
from mailbot.clock import TOKYO
from mailbot.config import load
from mailbot.desk import reception
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.errors import ConfigError, MailbotError
from mailbot.mail.envelope import address_problem
from mailbot.mail.message import read
from mailbot.model.evidence import Evidence
from mailbot.model.procedure import Procedure
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.procedures import load_procedures
from mailbot.procedures.own import digest_of, load_own, names_in, record_checked
from mailbot.records.queues import inbox, outbox, received
from mailbot.records.register.offices import replace_register
from mailbot.register_files.register_file import read_register

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=TOKYO)  # when every example is received: a Friday


@dataclass(frozen=True)
class Checked:
    """A procedure that was checked.  `problems`: empty when all its `examples` have passed."""

    name: str
    examples: int
    problems: tuple[str, ...]


def check_procedures(folder: Path) -> list[Checked]:
    """Run the examples of every procedure in `folder`, and record those that passed; the others keep what they were.

    Raises OSError when that cannot be written.
    """
    found, passed = [], {}
    for name in names_in(folder):
        digest = digest_of(folder / name)  # before its code runs
        checked = _check(folder, name, digest)
        found.append(checked)
        if not checked.problems:
            passed[name] = digest
    if passed:
        record_checked(folder, passed)
    return found


def _check(folder: Path, name: str, digest: str) -> Checked:
    built_in = load_procedures()
    examples = sorted((folder / name / "examples").glob("*.eml"))
    try:
        own = load_own(folder, {name: digest}, built_in)
    except ConfigError as error:
        return Checked(name, len(examples), (error.public,))
    if not examples:
        return Checked(name, 0, (f"{folder / name}/examples/ has no .eml; expected one mail at least",))
    problems = [f"{path}: {one}" for path in examples for one in _problems(path, built_in | own)]
    return Checked(name, len(examples), tuple(problems))


def _problems(path: Path, known: Mapping[str, Procedure]) -> Iterator[str]:
    """What is not as the .toml beside the mail `path` expects."""
    try:
        expected = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory(prefix="mailbot-check-") as base:
            config = load(None, {}).at(Path(base))
            with open_desk(config, create=True, known=known) as context:
                yield from _differences(context, path.read_bytes(), expected)
    except MailbotError as error:
        yield error.detail
    except Exception as error:  # whatever the operator's code raises
        yield f"{type(error).__name__}: {error}"


def _differences(context: DeskContext, raw: bytes, expected: Mapping[str, Any]) -> Iterator[str]:
    author = read(raw).author.address
    if address_problem(author):
        yield f"From: {author!r}: expected an address of the sample register, such as taro@naxtrade.example"
        return
    outcome = _received(context, raw, author)
    got = {
        "disposition": outcome.disposition.value,
        "reason": outcome.reason,
        "notices": sorted(one.kind.value for one in outcome.notices),
    }
    for key, value in got.items():
        wanted = expected.get(key, None if key == "reason" else value)
        wanted = sorted(wanted) if isinstance(wanted, list) else wanted
        if wanted != value:
            yield f"{key}: expected {wanted!r}, got {value!r}"
    values = outcome.application.revision.filled.values if outcome.application is not None else {}
    for name, value in expected.get("values", {}).items():
        is_value = tuple(value) if isinstance(value, list) else value
        if values.get(name) != is_value:
            yield f"values.{name}: expected {is_value!r}, got {values.get(name)!r}"
    told = _told(context, author)
    yield from (
        f"says: expected {part!r} in the notice to {author}" for part in expected.get("says", ()) if part not in told
    )


def _received(context: DeskContext, raw: bytes, author: str) -> Outcome:
    """The mail at the desk, and all its notices written: a template that cannot be rendered is a problem, too."""
    store = context.store
    envelope = Envelope(author, (context.settings.address,))
    with store.transaction():
        replace_register(read_register(sample_register()))
    received.accept(store, [Arrival(envelope, raw, Evidence(peer="127.0.0.1"), NOW)])
    while inbox.transfer(store, authenticate=False):
        pass
    item = inbox.claim(store, NOW)
    if item is None:
        raise MailbotError("The example was not received.")
    outcome = reception.handle(item, NOW, context)
    write_due(lambda: NOW, context)
    return outcome


def _told(context: DeskContext, author: str) -> str:
    """The text of the last notice to `author`, its folded lines joined.  Raises MailbotError when none was written."""
    texts, waiting = [], context.store
    while items := outbox.claim(waiting, NOW, 1):
        texts += [read(item.mail.raw).text for item in items if item.mail.recipient == author]
    if not texts:
        raise MailbotError(f"no notice to {author} could be written; see the log lines above")
    return re.sub(r"\n *", "", texts[-1])
