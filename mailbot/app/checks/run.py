"""The table of checks, and how they are run: by `mailbot doctor`, before `serve` opens a port, and hourly.

`mailbot quickstart --check` adds its own (`app/quickstart/check.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain

from mailbot.app.checks import certificates, configuration, dns, files, servers, templates
from mailbot.app.checks import store as store_checks
from mailbot.app.checks.kind import Severity
from mailbot.app.checks.kinds import Finding, Problem, in_words, problem
from mailbot.app.checks.surroundings import Surroundings
from mailbot.errors import MailbotError
from mailbot.logs import get_logger
from mailbot.records.database import Store

log = get_logger("mailbot.checks")


class When(Enum):
    """On which occasions a check is made, besides `mailbot doctor`, which makes all."""

    AT_START = auto()  # before a port is opened, and hourly
    RUNNING = auto()  # hourly: it waits for other machines, or for what happens while the desk runs
    DOCTOR = auto()  # it reads the whole database


@dataclass(frozen=True)
class Check:
    """One function that looks for problems.  `of_store`: it needs a store of this version."""

    find: Callable[..., Iterable[Problem]]
    when: When
    of_store: bool = False


CHECKS = (
    Check(configuration.file_was_found, When.AT_START),
    Check(configuration.addresses, When.AT_START),
    Check(configuration.pages, When.AT_START),
    Check(configuration.exposure, When.AT_START),
    Check(configuration.oauth2, When.AT_START),
    Check(files.writable, When.AT_START),
    Check(files.token_keys, When.AT_START),
    Check(files.vault_key, When.AT_START),
    Check(files.signing_keys, When.AT_START),
    Check(files.passwords, When.AT_START),
    Check(files.readable, When.AT_START),
    Check(files.disk, When.AT_START),
    Check(certificates.certificates, When.AT_START),
    Check(templates.templates, When.AT_START),
    Check(store_checks.opened, When.DOCTOR),  # a desk that serves has opened it
    Check(store_checks.register, When.AT_START, of_store=True),
    Check(store_checks.clock, When.AT_START, of_store=True),
    Check(store_checks.mails, When.RUNNING, of_store=True),
    Check(store_checks.notices, When.RUNNING, of_store=True),
    Check(store_checks.integrity, When.DOCTOR, of_store=True),
    Check(servers.ports, When.DOCTOR),
    Check(servers.access_tokens, When.RUNNING),
    Check(servers.relay, When.RUNNING),
    Check(servers.imap, When.RUNNING),
    Check(dns.name_servers, When.RUNNING),
)
_ORDER = list(Severity)


def run_checks(
    about: Surroundings, occasions: Sequence[When] = tuple(When), checks: Sequence[Check] = CHECKS
) -> list[Finding]:
    """What those of `checks` that are made on these occasions find, worst first, each once.

    Those that ask other machines are made at the same time.
    """
    chosen = [one for one in checks if one.when in occasions]
    slow = [one for one in chosen if one.when is When.RUNNING and not one.of_store]
    with ThreadPoolExecutor(max_workers=max(1, len(slow))) as pool:
        asked = {one: pool.submit(_problems, one, about) for one in slow}
        found = [asked[one].result() if one in asked else _problems(one, about) for one in chosen]
    return worst_first(map(in_words, chain.from_iterable(found)))


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Each once."""
    each = {one.line: one for one in findings}
    return sorted(each.values(), key=lambda one: _ORDER.index(one.severity))


def _problems(check: Check, about: Surroundings) -> list[Problem]:
    try:
        return list(_found(check, about))
    except MailbotError as error:  # of the store, while it is read
        log.warning("check-not-made", check=check.find.__name__, detail=error.detail)
    except Exception as error:  # whatever is wrong with the set-up: the other checks are made
        log.exception("check-failed", check=check.find.__name__)
        return [problem("check-failed", check=check.find.__name__, error=f"{type(error).__name__}: {error}")]
    return []


def _found(check: Check, about: Surroundings) -> Iterator[Problem]:
    if not check.of_store:
        yield from check.find(about)
        return
    store: Store | None = about.store
    if store is not None and (about.running or store_checks.is_readable(about)):
        yield from check.find(store, about)
