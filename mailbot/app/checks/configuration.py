"""Checks of the configuration alone: what is missing, still the example, or unsafe."""

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from mailbot.app.checks.kinds import Problem, problem
from mailbot.app.checks.surroundings import Surroundings
from mailbot.app.context import page_url_of
from mailbot.config import Config, DeskSection
from mailbot.text import fold_address

MOST_TEMPLATES = 1_000  # files that are looked at
_EXAMPLE = DeskSection()
# Names that are never in DNS (RFC 2606, RFC 6761).
_RESERVED = (".example", ".test", ".invalid", ".localhost", ".local", ".example.com", ".example.net", ".example.org")


def file_was_found(about: Surroundings) -> Iterator[Problem]:
    """Whether there is a configuration file."""
    if about.path is None and not about.running:
        near = [one for folder in about.tried for one in _configurations_near(folder.parent)]
        do = f"There is one at {near[0]}: add --config {near[0]}" if near else "Make one with: mailbot init DIR"
        yield problem("config-not-found", tried=", ".join(map(str, about.tried)) or "./config.toml", do=do)


def _configurations_near(folder: Path) -> list[Path]:
    above = [one / "config.toml" for one in folder.parents][:3]
    return [path for path in (*sorted(folder.glob("*/config.toml")), *above) if path.is_file()]


def addresses(about: Surroundings) -> Iterator[Problem]:
    """The operators' addresses and the desk's own."""
    desk = about.config.desk
    if not desk.admin:
        yield problem("admin-empty")
    own = fold_address(desk.address).casefold()
    for address in desk.admin:
        if fold_address(address).casefold() == own:
            yield problem("admin-is-the-desk", address=address)
    is_example = own == fold_address(_EXAMPLE.address)
    if is_example:
        yield problem("address-example", address=desk.address)
    for address in desk.admin:
        if address in _EXAMPLE.admin:
            yield problem("admin-example", address=address)


def is_reserved(domain: str) -> bool:
    """Whether a domain cannot be in DNS."""
    return f".{domain.lower()}".endswith(_RESERVED) or "." not in domain


def pages(about: Surroundings) -> Iterator[Problem]:
    """The URL of the pages, and TLS for them."""
    config, web = about.config, about.config.web
    url = config.desk.base_url
    if not web.enabled:
        return
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield problem("base-url-not-a-url", url=url)
        elif parts.scheme == "http" and not is_loopback(parts.hostname):
            yield problem("base-url-without-tls", url=url)
    elif not is_reserved(about.domain) and is_loopback(web.host):
        yield problem("base-url-missing", url=page_url_of(config) or "no address")
    if not web.tls_cert and not is_loopback(web.host):
        yield problem("web-without-tls", host=web.host)


def exposure(about: Surroundings) -> Iterator[Problem]:
    """What is unsafe in how the desk is run."""
    config = about.config
    if about.user_id == 0 and not config.smtp.user:  # else it becomes that user once its port is open
        yield problem("as-root")
    for path in _changed_by_others(config, about.path):
        yield problem("writable-by-all", path=path)
    if not config.auth.proof_required:
        yield problem("senders-not-authenticated")
        if not is_loopback(config.smtp.host):
            yield problem("smtp-open", host=config.smtp.host)
    if not config.smtp.tls_cert and not is_loopback(config.smtp.host):
        yield problem("smtp-without-tls")
    if not config.relay.host:
        yield problem("relay-not-set", folder=config.relay.directory)
    yield from _in_clear(config)


def oauth2(about: Surroundings) -> Iterator[Problem]:
    """What [oauth2] lacks, where the desk is to renew access tokens."""
    config = about.config
    section, users = config.oauth2, {config.imap.user, config.relay.user}
    used = (config.imap.enabled and config.imap.oauth2) or (bool(config.relay.host) and config.relay.oauth2)
    if not section.provider or not used:
        return
    needed = ["key_file", *(["tenant", "client_id"] if section.provider == "microsoft" else [])]
    missing = [f"oauth2.{key}" for key in needed if not getattr(section, key)]
    if not any(users):
        missing.append("imap.user or relay.user")
    if missing:
        yield problem("oauth2-incomplete", provider=section.provider, missing=", ".join(missing))
    if config.imap.oauth2 and config.imap.enabled and config.relay.oauth2 and config.relay.host and len(users) > 1:
        yield problem("oauth2-two-users", imap=config.imap.user, relay=config.relay.user)


def _in_clear(config: Config) -> Iterator[Problem]:
    servers = [("relay", config.relay.host, config.relay.tls, config.relay.user)]
    if config.imap.enabled:
        servers.append(("imap", config.imap.host, config.imap.tls, config.imap.user))
    for section, host, tls, user in servers:
        if host and tls == "none" and not is_loopback(host):
            yield problem("password-in-clear" if user else "mail-in-clear", section=section, host=host)


def _changed_by_others(config: Config, path: Path | None) -> list[Path]:
    """Those that everybody may write: the configuration, and the operators' templates and procedures, programs all."""
    folders = [config.resolve("templates"), config.resolve("procedures")]
    inside = [one for folder in folders for one in sorted(folder.rglob("*"))[:MOST_TEMPLATES]]
    paths = [config.base, path or config.base / "config.toml", *folders, *inside]
    return [one for one in paths if one.exists() and _is_writable_by_all(one.stat().st_mode)]


def _is_writable_by_all(mode: int) -> bool:
    """Not a folder in which everybody may change their own files alone (sticky, as /tmp)."""
    return bool(mode & stat.S_IWOTH) and not (stat.S_ISDIR(mode) and mode & stat.S_ISVTX)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, as seen by itself alone."""
    return host == "localhost" or host.startswith("127.") or host == "::1"
