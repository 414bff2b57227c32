"""`mailbot quickstart --check`: whether what quickstart wrote is in use on this machine and in DNS, and is right.

These checks stand beside those of `mailbot doctor`, and are run in the same way.  Where quickstart wrote a zone file,
its records take the place of what doctor expects in DNS.
"""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mailbot.app.checks import dns
from mailbot.app.checks.kinds import Problem, problem
from mailbot.app.checks.run import CHECKS, Check, When
from mailbot.app.checks.surroundings import Surroundings
from mailbot.app.quickstart.setup_files import TEMPLATES
from mailbot.config import Config
from mailbot.errors import MailbotError
from mailbot.mail.tagged_addresses import bounce_address, reply_address
from mailbot.runners.nameservers import NameServers
from mailbot.runners.published_records import Published, compare

TIMEOUT_SECONDS = 5.0
UNIT = Path("/etc/systemd/system/mailbot.service")
SYSTEMD_RUNS = Path("/run/systemd/system")  # sd_booted(3)
SMTP_OF_THE_WORLD = 25

Run = Callable[[Sequence[str]], str | None]  # a command → its output; None when it failed or is not installed


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


def user_of(config: Config) -> int:
    """The user ID that the desk runs as: for root, who looks at the desk of a service, that of its keys' owner."""
    keys = config.resolve(config.store.key_file).parent
    return keys.stat().st_uid if os.geteuid() == 0 and keys.is_dir() else os.geteuid()


@dataclass(frozen=True)
class InUse:
    """Looks whether what was written is in use.  `run`, `unit`: others than those of the machine, for tests."""

    run: Run = run_command
    unit: Path = UNIT

    def checks(self) -> tuple[Check, ...]:
        """All checks: those of `mailbot doctor`, and these."""
        here = (self.files, self.postfix, self.service, self.port)
        return (
            *(one for one in CHECKS if one.find is not dns.name_servers),
            *(Check(find, When.DOCTOR) for find in here),
            *(Check(find, When.RUNNING) for find in (self.records, self.pages)),
        )

    def files(self, about: Surroundings) -> Iterator[Problem]:
        """Whether each file of setup/ is there."""
        folder = about.config.base
        gone = [name for name in TEMPLATES if not (folder / "setup" / name).exists()]
        if gone:
            address = about.config.desk.address
            yield problem("setup-file-missing", folder=folder, names=", ".join(gone), address=address)

    def records(self, about: Surroundings) -> Iterator[Problem]:
        """Whether the records of setup/dns.zone are published."""
        config, zone = about.config, about.config.base / "setup" / "dns.zone"
        if not zone.exists():
            yield from dns.name_servers(about)
            return
        if not (config.relay.dkim_key or config.relay.dkim_ed25519_key):
            yield problem("dkim-not-set")
        try:
            records = compare(zone.read_text(encoding="utf-8"), NameServers(config.auth.nameservers))
        except MailbotError as error:
            yield problem("setup-zone-not-usable", zone=zone, why=error.public)
        except (OSError, ValueError) as error:
            yield problem("name-servers-wrong", why=error)
        else:
            yield from (_record(one) for one in records if not one.is_there)

    def postfix(self, about: Surroundings) -> Iterator[Problem]:
        """Whether Postfix hands the desk its addresses, where mail reaches the desk by way of one."""
        config = about.config
        if config.imap.enabled or config.smtp.port == SMTP_OF_THE_WORLD:
            return
        maps = self.run(["postconf", "-h", "transport_maps"])
        if maps is None:
            yield problem("setup-no-postfix")
            return
        wanted = f"smtp:[{config.smtp.host}]:{config.smtp.port}"
        address = config.desk.address
        for one in (address, reply_address(address, "token"), bounce_address(address, "token")):
            routes = [self.run(["postmap", "-q", one, table.strip()]) for table in maps.split(",") if table.strip()]
            if wanted not in routes:
                yield problem("setup-postfix-route", address=one, wanted=wanted)
        # A Postfix that does not know the setting prints nothing, and succeeds.
        if self.run(["postconf", "-h", "smtpd_forbid_bare_newline"]) not in ("yes", "normalize", "reject"):
            yield problem("setup-bare-newlines")

    def service(self, about: Surroundings) -> Iterator[Problem]:
        """Whether the unit is installed and runs, where there is a systemd."""
        if not SYSTEMD_RUNS.exists():
            return
        if not self.unit.exists():
            written = about.config.base / "setup" / "mailbot.service"
            yield problem("setup-no-unit", unit=self.unit, written=written)
        elif self.run(["systemctl", "is-active", self.unit.name]) != "active":
            yield problem("setup-not-running", unit=self.unit.name)

    def port(self, about: Surroundings) -> Iterator[Problem]:
        """Whether the desk takes mail."""
        smtp = about.config.smtp
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(smtp.host, smtp.host)  # noqa: S104 - every address of this machine
        try:
            with socket.create_connection((host, smtp.port), timeout=TIMEOUT_SECONDS):
                return
        except OSError as error:
            yield problem("setup-not-listening", where=f"{smtp.host}:{smtp.port}", why=error)

    def pages(self, about: Surroundings) -> Iterator[Problem]:
        """Whether the pages are where the notices say, with a certificate that is valid for that name."""
        url, parts = about.config.desk.base_url, urlsplit(about.config.desk.base_url)
        if not about.config.web.enabled or parts.scheme != "https" or not parts.hostname:
            return  # `configuration.pages` says so
        connection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
        try:
            connection.request("GET", "/")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            yield problem("setup-pages-not-reached", url=url, why=error)
            return
        finally:
            connection.close()
        if status >= http.HTTPStatus.BAD_REQUEST:
            yield problem("setup-pages-refused", url=url, status=int(status))


def _record(record: Published) -> Problem:
    values = {"kind": record.kind, "name": record.name, "value": record.value}
    if record.answers is None:
        return problem("setup-record-unknown", **values)
    return problem("setup-record-missing", there=", ".join(record.answers) or "nothing", **values)
