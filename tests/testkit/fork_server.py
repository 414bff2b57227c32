"""Starts desks fast: a process that has everything imported, and forks one desk after the other.

    python -m tests.testkit.fork_server

Each line on standard input, SEED, POINT and FOLDER with tabs between, starts a desk for the configuration in FOLDER.
It answers `pid N`, `listening PORT`, and when the desk has ended `ended`.  With a POINT (not `-`) the desk kills itself
at that instant, the SEED says the how manieth time.  A desk with an odd SEED commits received mail as on a slow disk.
"""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from mailbot.app.context import open_desk
from mailbot.app.server import DeskServer
from mailbot.config import Config, load
from mailbot.desk import reception
from mailbot.logs import set_up_logging
from mailbot.model.people import Language
from mailbot.notice_samples.all_samples import ALL, written
from mailbot.records.applications import application_store, grants
from mailbot.records.database.postgres import PostgresStore
from mailbot.records.queues import inbox, inbox_statements, outbox, received, unwritten
from mailbot.records.secrets import vault
from mailbot.runners import delivery, inbox_commit, polling, relays
from mailbot.runners.delivery import DeliveryLoop
from mailbot.runners.inbox_commit import InboxCommit
from mailbot.runners.smtp.session import SmtpSession

# Instant → the function after whose end, or before whose beginning, the process is killed.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "mail written, not committed": (received, "_insert", True),
    "mail committed, before its 250": (received, "accept", True),
    "mail committed, not flushed": (InboxCommit, "_flush", False),  # in SQLite
    "mail flushed, before its 250": (InboxCommit, "_flush", True),
    "after the 250": (SmtpSession, "push", True),
    "before the transfer": (inbox, "transfer", False),
    "transferred, not committed": (inbox_statements.INSERT, "run", True),
    "transferred and committed": (inbox, "transfer", True),
    "before the evidence is stored": (inbox, "authenticated", False),
    "evidence stored": (inbox, "authenticated", True),
    "mail claimed": (inbox, "claim", True),
    "before reading": (reception, "prepare", False),
    "state changed": (application_store, "apply_event", True),
    "reply tokens stored": (grants, "issue", True),
    "notice enqueued": (unwritten, "put", True),
    "notice written": (unwritten, "store", True),
    "mail done, not committed": (inbox, "finish", True),
    "mail done and committed": (reception, "handle", True),
    "notice claimed": (DeliveryLoop, "_commit", True),
    "after the final dot": (relays, "transmit", True),
    "before the mark": (outbox, "record_result", False),
    "mark written, not committed": (outbox, "record_result", True),
    "secrets erased, not committed": (vault.Vault, "erase_expired", True),
}
HIGHEST_TURN = 5
POLL_SECONDS = 0.2  # what the dead had claimed, and what is tried again after a second, need not wait for five


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def slow_disk() -> None:
    """Mails are committed while others are flushed, and by no thread but those of the `InboxCommit`."""
    inbox_commit.SLOW_SECONDS = inbox_commit.MAX_OCTETS_AT_ONCE = -1


def arm(point: str, turn: int) -> None:
    """From now on the process dies the `turn`th time it is at `point`."""
    owner, name, after = POINTS[point]
    real = getattr(owner, name)
    left = [1 if name == "erase_expired" else turn]

    def due(*args: Any) -> bool:
        if name == "push" and b"Stored safely" not in str(args[1:]).encode():
            return False
        left[0] -= 1
        return left[0] == 0

    def plain(*args: Any, **kwargs: Any) -> Any:
        last = due(*args)
        if last and not after:
            die()
        result = real(*args, **kwargs)
        if last:
            die()
        return result

    async def awaited(*args: Any, **kwargs: Any) -> Any:
        last = due(*args)
        result = await real(*args, **kwargs)
        if last:
            die()
        return result

    setattr(owner, name, awaited if asyncio.iscoroutinefunction(real) else plain)


async def run(config: Config, say: Callable[[str], None]) -> None:
    with open_desk(config) as context, context.store.serve_lock():
        service = DeskServer(config, context, roles=("smtp", "worker", "sender"))
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        listening = await service.start()
        assert listening is not None
        say(f"listening {listening.port}")
        await stopped.wait()
        await service.stop()


def say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


def main() -> None:
    set_up_logging("error")
    PostgresStore.takeover_delay = timedelta(seconds=1)  # the dead are dead: they were killed, not cut off
    polling.POLL_SECONDS = delivery.POLL_SECONDS = POLL_SECONDS
    for name, language in ALL:
        if language is Language.JA:
            written(name, language)  # its templates are compiled here, not in each desk
    for line in sys.stdin:
        seed, point, folder = line.rstrip("\n").split("\t")
        config = load(Path(folder) / "config.toml", {})
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            is_of_slow_disk = point != "-" and POINTS[point][0] is InboxCommit
            if int(seed) % 2 or is_of_slow_disk:
                slow_disk()
            if point != "-":
                arm(point, random.Random(int(seed)).randint(1, HIGHEST_TURN))
            asyncio.run(run(config, say))
            os._exit(0)
        say(f"pid {pid}")
        os.waitpid(pid, 0)
        say("ended")


if __name__ == "__main__":
    main()
