"""Whom the desk runs as: root only when told, and root's rights given up once the SMTP port is open."""

import os
import pwd
import socket
from pathlib import Path

from mailbot.app.checks.configuration import is_loopback
from mailbot.config import Config
from mailbot.errors import ConfigError, Permanent
from mailbot.files import user_name


def require_user(config: Config, user: str, *, as_root: bool, user_id: int) -> None:
    """Raises ConfigError when the desk would run as root without having been told so, or `user` cannot be had.

    Where all belongs to root, and only programs of this machine reach the desk, root may run it: a container, a trial.
    """
    if user and user_id != 0 and _account(user).pw_uid != user_id:
        raise ConfigError(
            f"only root can start the desk as {user}; start it as root or as {user}, or leave out the user"
        )
    if user_id != 0 or user or as_root:
        return
    what = "Set smtp.user or --user to a user of its own; or, to run it as root all the same, --as-root"
    if not is_loopback(config.smtp.host):
        raise ConfigError(f"the desk would run as root and take mail from anywhere ({config.smtp.host}). {what}")
    folder = config.resolve(config.store.key_file).parent
    owner = _owner(folder)
    if owner not in (None, 0):
        name = user_name(owner or 0)
        raise ConfigError(
            f"the desk would run as root, and {folder} belongs to {name}: files of root in it would keep {name}"
            f" from starting the desk. {what.replace('a user of its own', name)}"
        )


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to the address, the first one of a name; it does not listen yet.  Raises Permanent."""
    bound = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        if bound is not None:
            bound.close()
        raise Permanent(
            f"cannot listen on {host}:{port} ({error.strerror}); if another program uses the port, set smtp.port"
        ) from error
    return bound


def become(user: str) -> None:
    """Give up root's rights for those of `user`, for good.  Raises ConfigError when there is no such user."""
    account = _account(user)
    os.initgroups(account.pw_name, account.pw_gid)
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    os.environ["HOME"], os.environ["USER"] = account.pw_dir, account.pw_name


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError as error:
        raise ConfigError(f"smtp.user / --user: there is no user {user!r} on this machine; see useradd(8)") from error


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None
