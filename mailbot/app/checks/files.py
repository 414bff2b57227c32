"""Checks of files: keys, passwords, permissions, and room on the disk."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from mailbot.app.checks.kinds import Problem, problem
from mailbot.app.checks.surroundings import Surroundings
from mailbot.app.sender_authentication import pinned_keys_of
from mailbot.app.signing import signer_of
from mailbot.config import Config
from mailbot.errors import ConfigError, MailbotError, Permanent
from mailbot.files import user_name
from mailbot.key_files import KeyFile
from mailbot.records.secrets import resealing, vault_keys

_MB = 1024 * 1024
_NEARLY = 3  # times the floor


def token_keys(about: Surroundings) -> Iterator[Problem]:
    """The keys of reply addresses and stored mails: there, private, and those of this store."""
    path = about.config.resolve(about.config.store.token_key_file)
    if not path.exists():
        if about.store is not None and resealing.missing_key(about.store):
            yield problem("token-key-missing", path=path)
        return
    if (faulty := _unusable(path, "the keys of reply addresses", KeyFile(path, "the reply tokens"))) is not None:
        yield faulty
    elif about.store is not None and (detail := resealing.missing_key(about.store)):
        yield problem("token-key-of-another-store", detail=detail)


def vault_key(about: Surroundings) -> Iterator[Problem]:
    """The keys of issued passwords."""
    path = about.config.resolve(about.config.store.key_file)
    needed: dict[str, int] = {}
    if about.store is not None:
        with about.store.reading():
            needed = vault_keys.needed()
    if not path.exists():
        if needed:
            yield problem("vault-key-missing", path=path, count=sum(needed.values()))
        return
    file = KeyFile(path, "the vault", named=True)
    if (faulty := _unusable(path, "the keys of issued passwords", file)) is not None:
        yield faulty
        return
    names = {key.name for key in file.read()}
    lost = sum(count for name, count in needed.items() if name not in names)
    if lost:
        yield problem("vault-key-of-another-store", path=path, count=lost)


def _unusable(path: Path, what: str, file: KeyFile) -> Problem | None:
    try:
        if path.stat().st_mode & 0o077:
            return problem("key-readable-by-others", path=path, what=what)
        file.read()
    except OSError as error:
        return problem("key-not-usable", detail=f"{path}: {error.strerror}")
    except Permanent as error:
        return problem("key-not-usable", detail=error.detail)
    return None


def signing_keys(about: Surroundings) -> Iterator[Problem]:
    """The DKIM keys of the desk, and those that are pinned."""
    for make, code in ((signer_of, "dkim-key-not-usable"), (pinned_keys_of, "pinned-key-not-usable")):
        try:
            make(about.config)
        except ConfigError as error:
            yield problem(code, detail=error.public)


def passwords(about: Surroundings) -> Iterator[Problem]:
    """The passwords for the relay and the IMAP server."""
    config = about.config
    relay, imap = config.relay, config.imap
    servers: list[tuple[str, str, str, Callable[[], str]]] = []
    renewed = bool(config.oauth2.provider)  # then a login with OAuth2 needs no password
    key = config.resolve(config.oauth2.key_file)
    if renewed and config.oauth2.key_file and _is_read_by_others(key):
        yield problem("readable-by-others", path=key, what="oauth2.key_file")
    if relay.host and relay.user and not (renewed and relay.oauth2):
        servers.append(("relay", relay.user, relay.password_file, config.relay_password))
    if imap.enabled and not (renewed and imap.oauth2):
        servers.append(("imap", imap.user, imap.password_file, config.imap_password))
    for section, user, file, read in servers:
        try:
            why = "" if read() else "none is configured" if not file else f"{file} is empty"
        except MailbotError as error:
            why = error.public
        if why:
            yield problem("password-missing", section=section, user=user, why=why)
        elif file and _is_read_by_others(config.resolve(file)):
            yield problem("readable-by-others", path=config.resolve(file), what=f"the password of [{section}]")


def readable(about: Surroundings) -> Iterator[Problem]:
    """Databases and private keys that other users can read."""
    config = about.config
    for key, path in (("smtp.tls_key", config.smtp.tls_key), ("web.tls_key", config.web.tls_key)):
        if path and _is_read_by_others(config.resolve(path), stat.S_IROTH):  # a group of such keys is usual
            yield problem("readable-by-others", path=config.resolve(path), what=key)
    for database in _databases(config):
        for file in sorted(database.parent.glob(f"{database.stem}*{database.suffix}*")):
            if _is_read_by_others(file):
                yield problem("readable-by-others", path=file, what="the store")


def _is_read_by_others(path: Path, mask: int = 0o077) -> bool:
    try:
        return bool(path.stat().st_mode & mask)
    except OSError:
        return False


def _databases(config: Config) -> list[Path]:
    scheme, _, name = config.store.url.partition(":///")
    return [config.base / name] if scheme == "sqlite" and name else []


def writable(about: Surroundings) -> Iterator[Problem]:
    """Whether this user can write the store and the files beside it."""
    folders = {path.parent for path in _databases(about.config)}
    folders.add(about.config.resolve(about.config.store.key_file).parent)
    for folder in sorted(folders):
        if folder.is_dir() and not _may(folder, os.W_OK | os.X_OK):
            yield problem("not-writable", path=folder, why="no permission, or the disk is mounted read-only")
        elif folder.is_dir():
            for file in sorted(folder.glob("*.sqlite3*")):
                if not _may(file, os.W_OK):
                    yield problem("owned-by-another", path=file, owner=user_name(folder.stat().st_uid))


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def disk(about: Surroundings) -> Iterator[Problem]:
    """Room on the disk of the store; that of a PostgreSQL server is not visible here."""
    floor = about.config.smtp.min_free_bytes
    for database in _databases(about.config):
        folder = next(one for one in (database.parent, *database.parent.absolute().parents) if one.is_dir())
        free = shutil.disk_usage(folder).free
        if free < _NEARLY * floor:
            code = "disk-full" if free < floor else "disk-nearly-full"
            yield problem(code, free=free // _MB, floor=floor // _MB, path=folder)
