"""What is unsafe in the configuration, or in how the desk is run, printed by `mailbot serve` and `mailbot doctor`."""

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from mailbot.config import Config

MOST_TEMPLATES = 1_000  # files that are looked at


def warnings_of(config: Config, user_id: int | None = None) -> list[str]:
    """The warnings, each with what to do.  `user_id`: of the user who runs the desk; None: that of this process."""
    found = []
    if (os.geteuid() if user_id is None else user_id) == 0:
        found.append(
            "the desk runs as root: a fault in it would give away the whole machine. Run it as a user of its own, who"
            " owns the folder of the store and nothing else; let a relay or a proxy listen on ports below 1024."
        )
    found += [
        f"{path} can be changed by every user of the machine, who would run the desk with it: chmod o-w {path}"
        for path in _changed_by_others(config)
    ]
    if config.auth.require == "registered":
        found.append(
            'SENDERS ARE NOT AUTHENTICATED: auth.require = "registered" trusts the From header field. Anybody who can'
            " reach the SMTP port can send mail as a registered applicant. Keep the port on loopback or behind a relay"
            " that verifies senders."
        )
        if not _is_loopback(config.smtp.host):
            found.append(
                f"smtp.host = {config.smtp.host!r} accepts connections from other machines, and senders are not"
                ' authenticated. Set smtp.host = "127.0.0.1" and let a relay that verifies senders deliver to it.'
            )
    if not config.smtp.tls_cert:
        found.append(
            "smtp.tls_cert is not set: mail is received without encryption. Set smtp.tls_cert and smtp.tls_key."
        )
    found += _in_clear(config)
    if not config.relay.host:
        found.append(f"relay.host is not set: notices are written to {config.relay.directory!r} and not sent.")
    return found


def _changed_by_others(config: Config) -> list[Path]:
    """Those that everybody may write: the configuration, and the operators' templates and procedures, programs all."""
    folders = [config.resolve("templates"), config.resolve("procedures")]
    inside = [path for folder in folders for path in sorted(folder.rglob("*"))[:MOST_TEMPLATES]]
    paths = [config.base, config.base / "config.toml", *folders, *inside]
    return [path for path in paths if path.exists() and _is_writable_by_all(path.stat().st_mode)]


def _is_writable_by_all(mode: int) -> bool:
    """Not a folder in which everybody may change their own files alone (sticky, as /tmp)."""
    return bool(mode & stat.S_IWOTH) and not (stat.S_ISDIR(mode) and mode & stat.S_ISVTX)


def _in_clear(config: Config) -> list[str]:
    """Warnings about connections without TLS; those about passwords first."""
    found = []
    web, base_url = config.web, config.desk.base_url
    if web.enabled and not web.tls_cert and not _is_loopback(web.host):
        found.append(
            f"web.host = {web.host!r} accepts connections from other machines without TLS: office passwords and issued"
            ' passwords would be sent in clear. Set web.tls_cert and web.tls_key, or web.host = "127.0.0.1" (proxy).'
        )
    if base_url.startswith("http://") and not _is_loopback(urlsplit(base_url).hostname or ""):
        found.append(f"desk.base_url = {base_url!r} is a URL without TLS. Use https://")
    for name, host, tls in (
        ("relay", config.relay.host, config.relay.tls),
        ("imap", config.imap.host if config.imap.enabled else "", config.imap.tls),
    ):
        if host and tls == "none" and not _is_loopback(host):
            found.append(
                f'{name}.tls = "none" connects to {host} without TLS. Set {name}.tls = "starttls" or "implicit".'
            )
    return found


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"
