"""What quickstart asks, checked, and the values of config.toml that follow."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from mailbot.errors import UsageError
from mailbot.mail.envelope import address_problem, split_address

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
# Stands unquoted in a systemd unit, in a regular expression of Postfix and in a zone file.
_LOCAL = re.compile(r"[a-z0-9]+(?:[._][a-z0-9]+)*")
_PATH = re.compile(r"/[A-Za-z0-9/._-]*")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")  # useradd(8)
SMTP_PORT, WEB_PORT = 2525, 8025
DKIM_KEY, DKIM_ED25519_KEY = "keys/dkim.pem", "keys/dkim-ed25519.pem"


@dataclass(frozen=True)
class Plan:
    """A desk that is to be set up on this machine, behind a Postfix and a web server of the same machine."""

    folder: Path  # of config.toml, absolute
    address: str  # of the desk
    host: str  # name of this machine, as its MX record has it
    web_host: str  # name of the web pages
    admins: tuple[str, ...]
    user: str  # whom the service runs as
    program: Path  # the command `mailbot`
    shared_domain: bool  # others have mail at the domain of the desk, too
    ip_addresses: tuple[str, ...] = ()  # of this machine
    phone: str = ""
    hours: str = ""

    @property
    def local(self) -> str:
        return split_address(self.address)[0]

    @property
    def domain(self) -> str:
        return split_address(self.address)[1]


def checked(plan: Plan) -> Plan:
    """`plan`, in lower case.  Raises UsageError with what was read and what is expected."""
    address = plan.address.lower()
    local, domain = split_address(address)
    if address_problem(address) or not _LOCAL.fullmatch(local) or not _HOST.fullmatch(domain):
        raise UsageError(
            f"{plan.address!r}: expected an address such as desk@agency.example; letters, digits, . and _ before the @"
        )
    host, web_host = plan.host.lower(), plan.web_host.lower()
    for option, name in (("--hostname", host), ("--web-host", web_host)):
        if not _HOST.fullmatch(name):
            raise UsageError(f"{option} {name!r}: expected a name such as mx.{domain}")
    if not plan.admins:
        raise UsageError("--admin: expected the address of somebody who reads the alerts, outside of this desk")
    for admin in plan.admins:
        if address_problem(admin) or admin.lower() == address:
            raise UsageError(f"--admin {admin!r}: expected the address of a person, other than the desk's own")
    if not _USER.fullmatch(plan.user):
        raise UsageError(f"--user {plan.user!r}: expected the name of a user of this machine, such as mailbot")
    for name, path in (("DIR", plan.folder), ("the program", plan.program)):
        if not _PATH.fullmatch(str(path)):
            raise UsageError(f"{name} {str(path)!r}: expected a path of letters, digits, -, _ and .")
    values = {"address": address, "host": host, "web_host": web_host, "ip_addresses": _ip_addresses(plan.ip_addresses)}
    return Plan(**{**plan.__dict__, **values})


def _ip_addresses(given: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_address(one)) for one in given)
    except ValueError as error:
        raise UsageError(f"--ip: {error}; expected an IPv4 or IPv6 address") from error


def configured(plan: Plan) -> dict[str, dict[str, object]]:
    """The values of config.toml that differ from the defaults: section → key → value."""
    return {
        "desk": {
            "address": plan.address,
            "admin": list(plan.admins),
            "base_url": f"https://{plan.web_host}/",
            "phone": plan.phone,
            "hours": plan.hours,
        },
        "smtp": {"hostname": plan.host, "port": SMTP_PORT},
        "relay": {"host": "127.0.0.1", "dkim_key": DKIM_KEY, "dkim_ed25519_key": DKIM_ED25519_KEY},
        "web": {"port": WEB_PORT},
        "auth": {"require": "dmarc"},
    }


def web_host_of(base_url: str) -> str:
    """The name in `desk.base_url`."""
    return urlsplit(base_url).hostname or ""
