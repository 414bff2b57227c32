"""Writes what quickstart makes.  A file that exists is kept, always."""

import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mailbot.app.context import open_desk
from mailbot.app.quickstart.dns_records import Record, records_of
from mailbot.app.quickstart.plan import DKIM_ED25519_KEY, DKIM_KEY, SMTP_PORT, WEB_PORT, Plan
from mailbot.app.signing import signing_keys_of
from mailbot.config import load
from mailbot.errors import MailbotError, UsageError
from mailbot.files import create_once, make_folder
from mailbot.mail.dkim.new_keys import new_signing_key
from mailbot.mail.dkim.record import key_record
from mailbot.mail.dkim.signature import Algorithm
from mailbot.mail.tagged_addresses import POSTMASTER
from mailbot.notices.folder import templates_folder
from mailbot.notices.render import Renderer

KEPT = "kept"  # the file was there, with the same content
DIFFERS = "kept, though it differs from what would be written"
WRITTEN = "written"
KEYS = {DKIM_KEY: Algorithm.RSA, DKIM_ED25519_KEY: Algorithm.ED25519}
HOMES = ("/home/", "/root/", "/run/user/")  # what ProtectHome= of systemd.exec(5) takes away
# File in DIR/setup → its template
TEMPLATES = {
    "dns.zone": "setup/dns.zone.j2",
    "dns.txt": "setup/dns.txt.j2",
    "mailbot.service": "setup/mailbot.service.j2",
    "postfix/main.cf": "setup/postfix_main.cf.j2",
    "postfix/mailbot-transport": "setup/postfix_transport.j2",
    "postfix/mailbot-recipients": "setup/postfix_recipients.j2",
    "dovecot.conf": "setup/dovecot.conf.j2",
    "nginx.conf": "setup/nginx.conf.j2",
    "NEXT-STEPS.txt": "setup/next_steps.j2",
}


@dataclass(frozen=True)
class SetupFile:
    """A file of the set-up, and what became of it: WRITTEN, KEPT or DIFFERS."""

    path: Path
    became: str


def write_setup(plan: Plan, config_text: str) -> tuple[list[SetupFile], list[Record]]:
    """Create the folder of the desk with everything in it that is not there yet; also the DNS records to publish.

    Raises UsageError when a configuration of another desk is there; as root also when the user of the service is
    missing, or a link is in the place of what is given to that user.
    """
    owner = _owner(plan.user)
    if owner is not None:
        _require_no_links(plan.folder)
    config_file = plan.folder / "config.toml"
    _require_same_desk(config_file, plan)
    for name in ("", "templates", "procedures", "setup", "setup/postfix"):
        make_folder(plan.folder / name, 0o755)
    make_folder(plan.folder / "keys", 0o700)
    done = [_create(config_file, config_text)]
    for name, algorithm in KEYS.items():
        done.append(_create(plan.folder / name, None if (plan.folder / name).exists() else new_signing_key(algorithm)))
    config = load(config_file, {})
    with open_desk(config, create=True):  # makes the store and the key of reply tokens
        pass
    records = records_of(plan, {key.selector: key_record(key) for _, key in signing_keys_of(config)})
    renderer = Renderer([templates_folder()], {})
    for name, template in TEMPLATES.items():
        text = renderer.plain(template, _values(plan, records))
        done.append(_create(plan.folder / "setup" / name, text, 0o644))
    if owner is not None:
        _give(plan.folder, owner)
    return done, records


def next_steps(plan: Plan, records: list[Record]) -> str:
    """What to do next, as the command prints it."""
    return Renderer([templates_folder()], {}).plain("setup/next_steps.en.j2", _values(plan, records))


def _require_same_desk(path: Path, plan: Plan) -> None:
    """Raises UsageError when `path` is the configuration of another desk."""
    if not path.exists():
        return
    try:
        address = load(path, {}).desk.address
    except MailbotError as error:
        raise UsageError(f"{path} is there and cannot be read: {error.public}") from error
    if address.lower() != plan.address:
        raise UsageError(f"{path} is of {address}, not of {plan.address}; choose another DIR, or move it away")


def _create(path: Path, content: str | bytes | None, mode: int = 0o600) -> SetupFile:
    """Create `path` if it is not there.  `content` None: it is there, and whatever is in it is right."""
    octets = content.encode() if isinstance(content, str) else content
    if path.exists():
        return SetupFile(path, KEPT if octets is None or path.read_bytes() == octets else DIFFERS)
    create_once(path, octets or b"")
    path.chmod(mode)
    return SetupFile(path, WRITTEN)


def _values(plan: Plan, records: list[Record]) -> Mapping[str, object]:
    return {
        "plan": plan,
        "records": records,
        "smtp_port": SMTP_PORT,
        "web_port": WEB_PORT,
        "postmaster": POSTMASTER,
        "config_file": plan.folder / "config.toml",
        "in_home": any(str(path).startswith(HOMES) for path in (plan.folder, plan.program)),
        "domain_pattern": plan.domain.replace(".", r"\."),
        "local_pattern": plan.local.replace(".", r"\."),
    }


def _owner(user: str) -> tuple[int, int] | None:
    """User and group number of the service, to whom root gives its files; None for everybody else.

    Raises UsageError when there is no such user.
    """
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        entry = pwd.getpwnam(user)
        return entry.pw_uid, entry.pw_gid
    raise UsageError(f"there is no user {user!r}, whom the service runs as; run: useradd --system --user-group {user}")


def _require_no_links(folder: Path) -> None:
    """Raises UsageError for a symbolic link that the user of the service may have made, to own what it leads to."""
    for name in ("keys", "store", "config.toml"):
        if (folder / name).is_symlink():
            raise UsageError(f"{folder / name} is a symbolic link; put the files themselves there")


def _give(folder: Path, owner: tuple[int, int]) -> None:
    """The service owns keys and store; configuration and templates it can read, and not change."""
    user, group = owner
    for path in _all(folder / "keys", folder / "store"):
        os.chown(path, user, group, follow_symlinks=False)
    os.chown(folder / "config.toml", -1, group)
    (folder / "config.toml").chmod(0o640)


def _all(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield folder
        yield from folder.rglob("*")
