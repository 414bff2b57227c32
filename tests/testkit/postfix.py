"""A private Postfix on loopback: in front of the desk as its MX, and behind it as its relay (docs/how-to/postfix.md)."""

import contextlib
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.testkit.servers import free_port, needed, server_folder
from tests.testkit.waiting import until

MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.desk.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
relay_domains = desk.example, naxtrade.example, skyforwarding.example
transport_maps = inline:{{ {transports} }}
recipient_delimiter = +
message_size_limit = 26214400
smtputf8_enable = yes
smtpd_forbid_bare_newline = yes
smtpd_forbid_bare_newline_exclusions =
smtpd_data_restrictions = reject_unauth_pipelining
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
bounce_queue_lifetime = 1h
maximal_queue_lifetime = 1h
"""
MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    """The running server."""

    root: Path
    port: int

    def _postfix(self, command: str) -> None:
        done = subprocess.run(
            ["postfix", "-c", str(self.root / "etc"), command], capture_output=True, check=False, text=True
        )
        if done.returncode:
            raise RuntimeError(f"postfix {command}: {done.stderr}{self.log()}")

    def start(self) -> None:
        self._postfix("start")
        until(self._answers, "Postfix answers")

    def stop(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._postfix("stop")

    def logged(self, text: str, times: int = 1) -> str:
        """The log, once `text` is in it `times` times: Postfix answers a client before postlogd has written."""
        until(lambda: self.log().count(text) >= times, f"Postfix logs {text}")
        return self.log()

    def log(self) -> str:
        file = self.root / "postfix.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def flushed(self) -> None:
        """Until its queue is empty: everything was handed on, or refused."""
        until(lambda: not self._queue(), "Postfix has handed everything on")

    def _queue(self) -> str:
        done = subprocess.run(
            ["postqueue", "-c", str(self.root / "etc"), "-j"], capture_output=True, check=False, text=True
        )
        return done.stdout

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
            return probe.recv(100).startswith(b"220")
        return False


def make(root: Path, transports: dict[str, str], more: str = "", services: str = "") -> Postfix:
    """One in `root`, not started.  `transports`: domain or address → transport; `more`, `services`: lines of its files.

    A line of `more` replaces that of the same parameter: Postfix would log each repetition, before it can log.
    """
    for folder in ("etc", "queue", "data"):
        (root / folder).mkdir()
    subprocess.run(["chown", "postfix", str(root / "data")], check=True)
    server = Postfix(root, free_port())
    routes = ", ".join(f"{{ {name} = {transport} }}" for name, transport in transports.items())
    lines = (MAIN.format(root=root, transports=routes) + more).splitlines()
    settings = {line.partition(" =")[0]: line for line in lines if line and not line.startswith("#")}
    (root / "etc/main.cf").write_text("\n".join(settings.values()) + "\n")
    (root / "etc/master.cf").write_text(MASTER.format(port=f"127.0.0.1:{server.port}") + services)
    return server


@pytest.fixture
def postfix() -> Iterator[Callable[..., Postfix]]:
    """Start one with `postfix({"desk.example": "smtp:[127.0.0.1]:2525", …})`: domain or address → transport."""
    needed("postfix", "postfix")
    if os.getuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail("Postfix's master needs root, which CI has")
        pytest.skip("Postfix's master needs root: not tried against the real server")
    started: list[Postfix] = []
    folders = contextlib.ExitStack()

    def start(transports: dict[str, str], more: str = "", services: str = "") -> Postfix:
        server = make(folders.enter_context(server_folder()), transports, more, services)
        started.append(server)
        server.start()
        return server

    with folders:
        yield start
        for server in started:
            server.stop()
