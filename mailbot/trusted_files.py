"""Which files may say what this process does: those that nobody can change but root and the user it runs as."""

import errno
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
    A group counts as its user where it is that user's own, and a folder in which everybody may change their own files
    alone (sticky, as /tmp) as one that is not written.  A link is as safe as what it leads to, and the link itself.
    With a POSIX ACL (acl(5)) the bits of the group are its mask, which says not who may write: it is not trusted when
    they let write.  ACLs of NFSv4 are not read.
    """
    for found in dict.fromkeys((path.lstat(), path.stat())):
        if found.st_uid not in (0, os.geteuid()):
            return f"belongs to {user_name(found.st_uid)}, and mailbot runs as {user_name(os.geteuid())}"
        if stat.S_ISLNK(found.st_mode):
            continue
        if _others_write(found):
            return f"can be written by others than its owner (mode {stat.S_IMODE(found.st_mode):04o})"
        if found.st_mode & stat.S_IWGRP and not _is_sticky(found) and _has_acl(path):
            return "can be written by others than its owner (it has an ACL; getfacl lists them)"
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
    if _is_sticky(found):
        return False
    return bool(mode & stat.S_IWOTH) or bool(mode & stat.S_IWGRP and not _is_private(found.st_gid, found.st_uid))


def _is_sticky(found: os.stat_result) -> bool:
    return stat.S_ISDIR(found.st_mode) and bool(found.st_mode & stat.S_ISVTX)


def _is_private(group: int, owner: int) -> bool:
    """Whether a group is the own one of `owner` or of the user of this process.

    Many systems give each user a group of the same name, and let it write.  Who is in any other group cannot be known:
    a directory service need not list its users (`enumerate` of sssd.conf(5)).
    """
    return any(_is_own_group(group, user) for user in {owner, os.geteuid()})


def _is_own_group(group: int, user: int) -> bool:
    try:
        own, found = pwd.getpwuid(user), grp.getgrgid(group)
    except KeyError:
        return False
    if own.pw_gid != group or own.pw_name != found.gr_name:
        return False
    others = (one.pw_name for one in pwd.getpwall() if one.pw_gid == group)
    return {*found.gr_mem, *others} <= {own.pw_name}


def _has_acl(path: Path) -> bool:
    """Whether a file has a POSIX ACL that says more than its mode (xattr(7), acl(5)).  Raises OSError."""
    try:
        return bool(os.getxattr(path, "system.posix_acl_access"))
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP):
            return False
        raise
