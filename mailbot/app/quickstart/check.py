"""`mailbot quickstart --check`: whether what quickstart wrote is in use on this machine and in DNS.

Configuration, store, relay and senders are checked by `mailbot doctor`.
"""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mailbot.app.quickstart.plan import web_host_of
from mailbot.app.quickstart.setup_files import KEYS, TEMPLATES
from mailbot.config import Config
from mailbot.errors import MailbotError
from mailbot.mail.tagged_addresses import bounce_address, reply_address
from mailbot.runners.nameservers import NameServers
from mailbot.runners.published_records import Published, compare

TIMEOUT_SECONDS = 5.0
UNIT = Path("/etc/systemd/system/mailbot.service")
SYSTEMD_RUNS = Path("/run/systemd/system")  # sd_booted(3)

Run = Callable[[Sequence[str]], str | None]  # a command → its output; None when it failed or is not installed


class Verdict(StrEnum):
    """What a check found."""

    OK = "ok"
    MISSING = "MISSING"
    UNKNOWN = "unknown"  # it could not be looked at here


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.  `advice`: what to do, when it is not OK."""

    verdict: Verdict
    what: str
    advice: str = ""


def checks_of(config: Config, *, run: Run | None = None, unit: Path = UNIT) -> Iterator[Check]:
    """Every check, in the order of the next steps.  `run`, `unit`: others than those of the machine, for tests."""
    run = run or run_command
    yield from _files(config)
    yield from _records(config)
    yield from _postfix(config, run)
    yield from _service(config, run, unit)
    yield _port("the desk's SMTP port", config.smtp.host, config.smtp.port)
    if config.web.enabled:
        yield _pages(config)


def run_command(words: Sequence[str]) -> str | None:
    """The output of a program, without the newline at its end; None when it fails or is not there."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    program = shutil.which(words[0], path=path)
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and addresses of the configuration
            [program, *words[1:]], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _files(config: Config) -> Iterator[Check]:
    folder = config.base
    for name in (config.relay.dkim_key, config.relay.dkim_ed25519_key):
        if not name:
            yield Check(Verdict.MISSING, "a DKIM key", "set relay.dkim_key and relay.dkim_ed25519_key")
    secrets = [*KEYS, config.store.token_key_file]  # the key of issued passwords is made with the first of them
    for path in map(config.resolve, secrets):
        yield _secret(path)
    gone = [name for name in TEMPLATES if not (folder / "setup" / name).exists()]
    if gone:
        advice = f"run mailbot quickstart {config.desk.address} {folder} again: it writes what is missing"
        yield Check(Verdict.MISSING, f"{folder}/setup/: {', '.join(gone)}", advice)


def _secret(path: Path) -> Check:
    try:
        shared = path.stat().st_mode & 0o077
    except FileNotFoundError:
        return Check(Verdict.MISSING, str(path), "restore it from where you keep a copy")
    except OSError as error:
        return Check(Verdict.UNKNOWN, f"{path}: {error.strerror}", "run this command as root, or as the service's user")
    if shared:
        return Check(Verdict.MISSING, f"{path}: others can read it", f"chmod 600 {path}")
    return Check(Verdict.OK, f"{path}, only for its owner")


def _records(config: Config) -> Iterator[Check]:
    zone = config.base / "setup" / "dns.zone"
    if not zone.exists():
        return
    try:
        records = compare(zone.read_text(encoding="utf-8"), NameServers(config.auth.nameservers))
    except MailbotError as error:
        yield Check(Verdict.MISSING, f"{zone}: {error.public}", "correct the file, or move it away and run quickstart")
        return
    except (OSError, ValueError) as error:
        yield Check(Verdict.UNKNOWN, f"DNS: {error}", "set auth.nameservers to the address of a resolver")
        return
    yield from map(_record, records)


def _record(record: Published) -> Check:
    what = f"DNS {record.kind} {record.name}"
    if record.is_there:
        return Check(Verdict.OK, what)
    if record.answers is None:
        return Check(Verdict.UNKNOWN, f"{what}: no name server answered", "look again later, or set auth.nameservers")
    there = ", ".join(record.answers) or "nothing"
    return Check(Verdict.MISSING, f"{what}: there is {there}", f"publish: {record.value}")


def _postfix(config: Config, run: Run) -> Iterator[Check]:
    maps = run(["postconf", "-h", "transport_maps"])
    if maps is None:
        yield Check(
            Verdict.UNKNOWN, "Postfix is not on this machine", "route the desk's addresses where your Postfix is"
        )
        return
    wanted = f"smtp:[{config.smtp.host}]:{config.smtp.port}"
    address = config.desk.address
    for one in (address, reply_address(address, "token"), bounce_address(address, "token")):
        routes = [run(["postmap", "-q", one, table.strip()]) for table in maps.split(",") if table.strip()]
        verdict = Verdict.OK if wanted in routes else Verdict.MISSING
        advice = "" if verdict is Verdict.OK else "see setup/postfix/main.cf"
        yield Check(verdict, f"Postfix hands {one} to {wanted}", advice)
    if run(["postconf", "-h", "smtpd_forbid_bare_newline"]) in ("no", None):
        advice = "postconf -e smtpd_forbid_bare_newline=yes"
        yield Check(Verdict.MISSING, "Postfix refuses bare newlines (SMTP smuggling)", advice)


def _service(config: Config, run: Run, unit: Path) -> Iterator[Check]:
    written = config.base / "setup" / "mailbot.service"
    if not unit.exists():
        yield Check(Verdict.MISSING, str(unit), f"install -m 644 {written} {unit} && systemctl daemon-reload")
    elif written.exists() and unit.read_bytes() != written.read_bytes():
        yield Check(Verdict.OK, f"{unit}, with other settings than {written}")
    else:
        yield Check(Verdict.OK, str(unit))
    if not SYSTEMD_RUNS.exists():
        yield Check(Verdict.UNKNOWN, "systemd does not run here", "start the desk with: mailbot serve")
    elif run(["systemctl", "is-active", unit.name]) != "active":
        yield Check(Verdict.MISSING, f"{unit.name} runs", f"systemctl enable --now {unit.name}")


def _port(what: str, host: str, port: int) -> Check:
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS):
            return Check(Verdict.OK, f"{what} {host}:{port} answers")
    except OSError as error:
        return Check(Verdict.MISSING, f"{what} {host}:{port} answers ({error})", "start the desk: mailbot serve")


def _pages(config: Config) -> Check:
    """Whether the pages are where the notices say, with a certificate that is valid for that name."""
    host, what = web_host_of(config.desk.base_url), f"the pages at {config.desk.base_url}"
    connection = http.client.HTTPSConnection(host, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    try:
        connection.request("GET", "/login")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        advice = "get a certificate, and copy setup/nginx.conf to /etc/nginx/sites-enabled/mailbot"
        return Check(Verdict.MISSING, f"{what} ({error})", advice)
    finally:
        connection.close()
    if status >= http.HTTPStatus.BAD_REQUEST:
        return Check(
            Verdict.MISSING, f"{what} (status {status})", "is the desk running, and web.port that of nginx.conf?"
        )
    return Check(Verdict.OK, what)
