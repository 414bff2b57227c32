"""Which files may say what this process does: those that nobody can change but root and the user it runs as."""

import grp
import os
import pwd
import stat
from pathlib import Path

from mailbot.errors import ConfigError
from mailbot.files import user_name


def distrust(path: Path) -> str:
    """Why what is in `path`, a file or folder, may come from somebody else; "" when it cannot.  Raises OSError.

    As with ssh and sudo its owner must be root or the user of this process, and others must not be able to write it.
    A group counts as its owner where nobody else is in it, and a folder in which everybody may change their own files
    alone (sticky, as /tmp) as one that is not written.  A link is as safe as what it leads to, and the link itself.
    """
    for found in dict.fromkeys((path.lstat(), path.stat())):
        if found.st_uid not in (0, os.geteuid()):
            return f"belongs to {user_name(found.st_uid)}, and mailbot runs as {user_name(os.geteuid())}"
        if not stat.S_ISLNK(found.st_mode) and _others_write(found):
            return f"can be written by others than its owner (mode {stat.S_IMODE(found.st_mode):04o})"
    return ""


def require_own(path: Path) -> None:
    """Raises ConfigError when a configuration that nobody has named, or another in its place, may be of somebody else.

    Who has written it would decide what mailbot does with the rights of its user.
    """
    for part in (path, path.parent):
        if why := distrust(part):
            raise ConfigError(
                f"{part} {why}; {path} is not read. Run mailbot as the owner (runuser -u USER -- mailbot …), or take"
                f" away the rights of others (chmod go-w {part}), or, when you trust what is in it, name it:"
                f" mailbot --config {path}"
            )


def _others_write(found: os.stat_result) -> bool:
    mode = found.st_mode
    if stat.S_ISDIR(mode) and mode & stat.S_ISVTX:
        return False
    return bool(mode & stat.S_IWOTH) or bool(mode & stat.S_IWGRP and not _is_private(found.st_gid, found.st_uid))


def _is_private(group: int, user: int) -> bool:
    """Whether nobody but `user` is in a group: systems that give each user a group of their own let it write."""
    try:
        owner, members = pwd.getpwuid(user).pw_name, grp.getgrgid(group).gr_mem
    except KeyError:
        return False
    others = (one.pw_name for one in pwd.getpwall() if one.pw_gid == group)
    return {*members, *others} <= {owner}
