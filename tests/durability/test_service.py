"""`mailbot serve` as a service: what the service manager is told, SIGHUP, SIGTERM, a stopped worker, refusals."""

import os
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.runners.test_metrics import send
from tests.testkit.certificates import certificate
from tests.testkit.desk_folder import init
from tests.testkit.desk_process import ENVIRONMENT, Desk
from tests.testkit.readiness import readyz
from tests.testkit.servers import free_port, server_folder
from tests.testkit.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path, "--sample")
    return tmp_path


@contextmanager
def service_manager(folder: Path) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """The socket of systemd's side, and the variables that it sets."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(folder / "notify"))
        channel.settimeout(60)
        yield channel, {"NOTIFY_SOCKET": str(folder / "notify")}


def told(channel: socket.socket, wanted: str) -> str:
    """The next message that begins so."""
    while not (said := channel.recv(4096).decode()).startswith(wanted):
        pass
    return said


def children(process: int) -> list[int]:
    done = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False)
    return [int(one) for one in done.stdout.split()]


def test_a_worker_that_is_stopped_makes_it_red_and_is_started_again(folder: Path) -> None:
    port = free_port()
    with service_manager(folder) as (channel, variables):
        desk = Desk(folder, {"MAILBOT_WEB_HEALTH_PORT": str(port), **variables})
        try:
            told(channel, "READY=1")
            told(channel, "WATCHDOG=1")
            assert readyz(port) == (200, "ready\n")
            os.kill(children(desk.process.pid)[0], signal.SIGSTOP)
            stopped = time.monotonic()
            until(lambda: readyz(port)[0] != 200, "it is seen")
            assert time.monotonic() - stopped < 30
            assert re.search(r"the (deciding|writing|worker) process \(PID \d+\) has not moved", readyz(port)[1])
            assert "has not moved" in told(channel, "STATUS=the")
            until(lambda: readyz(port)[0] == 200, "it is started again", seconds=120)
            told(channel, "WATCHDOG=1")
            assert "worker-hung" in desk.said
        finally:
            desk.end("terminate")


def shown(port: int) -> bytes:
    """The certificate of a new session."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.starttls(context=context)
        assert isinstance(client.sock, ssl.SSLSocket)
        return client.sock.getpeercert(binary_form=True) or b""


def test_reload_takes_a_new_certificate_and_ends_no_session(folder: Path) -> None:
    pem = folder / "desk.pem"
    certificate(pem)
    tls = {f"MAILBOT_SMTP_TLS_{one}": str(pem) for one in ("CERT", "KEY")}
    with service_manager(folder) as (channel, variables):
        desk = Desk(folder, tls | variables)
        try:
            told(channel, "READY=1")
            before = shown(desk.port)
            with smtplib.SMTP("127.0.0.1", desk.port) as open_session:
                open_session.ehlo()
                certificate(pem)
                os.kill(desk.process.pid, signal.SIGHUP)
                told(channel, "RELOADING=1")
                told(channel, "READY=1")
                after = shown(desk.port)
                assert after != before
                pem.write_text("no certificate")
                os.kill(desk.process.pid, signal.SIGHUP)
                told(channel, "RELOADING=1")
                told(channel, "READY=1")
                assert shown(desk.port) == after and "not-reloaded" in desk.said
                assert open_session.noop()[0] == 250
        finally:
            desk.end("terminate")
            assert told(channel, "STOPPING=1")


@pytest.mark.parametrize("silent_at", ["greeting", "data", "quit"])
def test_it_ends_in_time_whatever_the_relay_does(folder: Path, silent_at: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as relay:
        variables = {"MAILBOT_RELAY_HOST": "127.0.0.1", "MAILBOT_RELAY_PORT": str(relay.getsockname()[1])}
        desk = Desk(folder, variables)
        try:
            assert send(desk.port) == 250
            relay.settimeout(60)
            connection, _ = relay.accept()
            with connection:
                converse(connection, silent_at)
                began = time.monotonic()
                desk.process.send_signal(signal.SIGTERM)
                assert desk.process.wait(25) == 0
                assert time.monotonic() - began < 20
        finally:
            desk.end("terminate")


def converse(connection: socket.socket, silent_at: str) -> None:
    """Take one mail, up to the step at which the relay says nothing any more."""
    if silent_at == "greeting":
        return
    connection.settimeout(60)
    lines = connection.makefile("rwb", buffering=0)
    lines.write(b"220 relay\r\n")
    in_data = False
    while line := lines.readline():
        word = line.strip().upper()
        if (silent_at == "data" and word == b"DATA") or (silent_at == "quit" and word == b"QUIT"):
            return
        if in_data:
            in_data = word != b"."
            if in_data:
                continue
        lines.write(b"354 go on\r\n" if word == b"DATA" else b"250 ok\r\n")
        in_data = in_data or word == b"DATA"


def refused(folder: Path, *options: str, **variables: str) -> str:
    """What `serve` says when it does not start."""
    environment = ENVIRONMENT | variables
    command = [sys.executable, "-m", "mailbot", "serve", *options]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_what_it_does_not_start_with(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        for key in ("SMTP", "WEB"):
            said = refused(folder, **{f"MAILBOT_{key}_PORT": port})
            assert f"cannot listen on 127.0.0.1:{port}" in said and f"set {key.lower()}.port" in said
    one, two = folder / "one.pem", folder / "two.pem"
    certificate(one)
    certificate(two)
    said = refused(folder, MAILBOT_WEB_TLS_CERT=str(one), MAILBOT_WEB_TLS_KEY=str(two))
    assert "is not the certificate of the key in" in said and "pages at" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_runs_it_only_when_told(folder: Path) -> None:
    assert "would run as root" in refused(folder, MAILBOT_SMTP_HOST="0.0.0.0")
    os.chown(folder / "store" / "keys", 65534, -1)
    assert "belongs to nobody" in refused(folder)
    os.chown(folder / "store" / "keys", 0, -1)
    assert "there is no user 'mail-desk'" in refused(folder, "--user", "mail-desk")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_s_rights_are_given_up_once_the_port_is_open() -> None:
    with server_folder() as folder:
        init(folder, "--sample")
        subprocess.run(["chown", "-R", "nobody", str(folder)], check=True)
        port = next(one for one in range(700, 1000) if is_free(one))
        named = {"MAILBOT_CONFIG": str(folder / "config.toml")}  # root reads no one else's that is merely there
        desk = Desk(folder, {"MAILBOT_SMTP_USER": "nobody", "MAILBOT_SMTP_PORT": str(port), **named})
        try:
            assert desk.port == port, desk.said
            for process in (desk.process.pid, *children(desk.process.pid)):
                with suppress(FileNotFoundError):  # a child that looked at files as the user, and has ended
                    status = Path(f"/proc/{process}/status").read_text()
                    assert re.search(r"^Uid:\t65534\t65534\t65534\t65534$", status, re.M)
                    assert re.search(r"^CapEff:\t0+$", status, re.M)
            assert send(port) == 250
        finally:
            desk.end("terminate")


def is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False
