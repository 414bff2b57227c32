"""A crash between the final dot and our commit: the log of Postfix shows whether it has the mail (T-100, RFC 1047)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.runners.postfix_log import find_queue_id
from tests.testkit.kills import CONNECTIONS, Tally, Trial
from tests.testkit.postfix import Postfix
from tests.testkit.servers import free_port

pytestmark = pytest.mark.slow

KILLS = 5
Server = Callable[..., Postfix]


def killed_after_the_final_dot(folder: Path, postfix: Server, *, asked: bool) -> Tally:
    trial = Trial(folder, "sqlite:///store/mailbot.sqlite3", 3, "postfix")
    port = free_port()
    server = postfix({"*": f"smtp:[127.0.0.1]:{port}"})
    log = f'\npostfix_log = "{server.root}/postfix.log"' if asked else ""
    trial.relay = f"port = {server.port}{log}"
    trial.settled = server.flushed
    trial.longest_life = 20.0
    start = trial.sink.start
    trial.sink.start = lambda: start(port=port)  # type: ignore[method-assign]
    return asyncio.run(trial.run(KILLS, "after the final dot"))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("asked", [True, False])
def test_what_postfix_has_is_not_sent_again(tmp_path: Path, postfix: Server, asked: bool) -> None:
    tally = killed_after_the_final_dot(tmp_path, postfix, asked=asked)
    assert (tally.kills, tally.lost, tally.doubled, tally.faults) == (KILLS, 0, 0, [])
    # Without the log each kill in the window repeats a notice, at most one for each connection: the log is for that.
    least, most = (0, 0) if asked else (KILLS, KILLS * CONNECTIONS)
    assert least <= tally.repeated <= most, tally


LINES = """\
Nov 21 10:00:00 mx postfix/smtpd[1]: 4A1: client=localhost[127.0.0.1]
Nov 21 10:00:00 mx postfix/cleanup[2]: 4A1: message-id=<one@desk.example>
Nov 21 10:00:00 mx postfix/qmgr[3]: 4A1: from=<desk-bounces+x@desk.example>, size=900, nrcpt=1 (queue active)
Nov 21 10:00:01 mx postfix/cleanup[2]: 4B2: message-id=<two@desk.example>
Nov 21 10:00:01 mx postfix/smtpd[1]: lost connection after DATA (1234 bytes) from localhost[127.0.0.1]
Nov 21 10:00:02 mx postfix/cleanup[2]: 4C3: message-id=<three@desk.example>
"""


def test_only_what_was_queued_was_taken(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_text(LINES)
    assert find_queue_id(log, "<one@desk.example>") == "4A1"
    assert find_queue_id(log, "<two@desk.example>") == ""  # the client died before the final dot
    assert find_queue_id(log, "<three@desk.example>") == ""
    assert find_queue_id(log, "<on@desk.example>") == find_queue_id(log, "<nowhere@desk.example>") == ""


def test_the_log_before_the_last_rotation_counts_too(tmp_path: Path) -> None:
    (tmp_path / "mail.log.1").write_text("\n".join(LINES.splitlines()[:2]) + "\n")
    (tmp_path / "mail.log").write_text("\n".join(LINES.splitlines()[2:]) + "\n")
    assert find_queue_id(tmp_path / "mail.log", "<one@desk.example>") == "4A1"


def test_a_log_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        find_queue_id(tmp_path / "mail.log", "<one@desk.example>")
