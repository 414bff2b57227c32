"""Checks of the store: that it can be read, and what in it waits for a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailbot.app.checks.kinds import Problem, problem
from mailbot.app.checks.servers import desk_runs
from mailbot.app.checks.surroundings import Surroundings
from mailbot.clock import iso
from mailbot.desk.calendar.clock_check import is_credible
from mailbot.desk.operations.daily_list_items import known_people_s_mails
from mailbot.errors import Temporary
from mailbot.procedures import load_procedures
from mailbot.records.database import Store
from mailbot.records.database.read_only import newer_migrations, pending_migrations
from mailbot.records.database.sqlite import SqliteStore
from mailbot.records.maintenance import clock_mark, delays
from mailbot.records.maintenance.delays import Delayed
from mailbot.records.register import absences, offices
from mailbot.text import fold_address, one_line

STUCK = timedelta(minutes=15)  # without a mail that was handled, while one waits
UNSENT = timedelta(hours=1)  # since the decision
FAILED_FOR = timedelta(days=7)
LARGEST_READ = 2 * 2**30  # octets of an SQLite database: about a minute on a slow disk


def opened(about: Surroundings) -> Iterator[Problem]:
    """Whether the store can be read, and is of this version."""
    error = about.store_error
    if isinstance(error, Temporary):
        yield problem("store-away", detail=error.detail)
    elif error is not None:
        damaged = "DatabaseError" in error.detail
        detail = error.detail.removesuffix("; run: mailbot doctor")
        yield problem("store-damaged" if damaged else "store-missing", detail=detail)
    if about.store is not None:
        if newer := newer_migrations(about.store):
            yield problem("store-newer", name=newer[-1])
        elif pending := pending_migrations(about.store):
            yield problem("store-older", count=len(pending), name=pending[0])


def is_readable(about: Surroundings) -> bool:
    """Whether the tables of the store are those of this version."""
    return about.store is not None and not (newer_migrations(about.store) or pending_migrations(about.store))


def integrity(store: Store, about: Surroundings) -> Iterator[Problem]:
    """Damage, and settings of the database that lose mail.  Reads a whole SQLite database, if it is not too large."""
    for part in (store, store.intake):
        size = part.path.stat().st_size if isinstance(part, SqliteStore) else 0
        reads_all = about.reads_all or size <= LARGEST_READ
        if not reads_all:
            yield problem("store-not-read", path=str(part.name), size=f"{size / 2**30:.1f} GiB")
        for text in part.problems(reads_all=reads_all):
            yield problem("store-damaged" if part.kind == "sqlite" else "store-settings", detail=text)


def register(store: Store, about: Surroundings) -> Iterator[Problem]:
    """Offices, and a reviewer for each category."""
    del about
    with store.reading():
        has_offices = offices.are_registered()
        reviewers, absent = offices.all_reviewers(), absences.absent()
    if not has_offices:
        yield problem("no-offices")
    by_category: dict[str, list[str]] = {}
    for one in load_procedures().values():
        by_category.setdefault(one.category.value, []).append(one.name)
    for category, names in sorted(by_category.items()):
        of_it = [one for one in reviewers if category in {own.value for own in one.categories}]
        if not of_it:
            yield problem("no-reviewer", category=category, procedures=", ".join(names))
        elif all(fold_address(one.email) in absent for one in of_it):
            yield problem("reviewers-absent", category=category, names=", ".join(one.email for one in of_it))


def mails(store: Store, about: Surroundings) -> Iterator[Problem]:
    """Received mail that nobody handles."""
    with store.reading():
        waiting, handled = delays.unhandled(store, about.now), delays.last_handled()
        quarantined = known_people_s_mails()
    if waiting is not None and about.now - waiting.since > STUCK:
        last = max(waiting.since, handled or waiting.since)
        minutes = int((about.now - last).total_seconds() // 60)
        if not about.running and not desk_runs(about):
            yield problem("not-served", count=waiting.count, since=iso(waiting.since))
        elif about.now - last > STUCK:
            where = {"number": waiting.number or "?", "since": iso(waiting.since), "minutes": minutes}
            yield problem("worker-stuck", count=waiting.count, **where)
    if quarantined:
        first = quarantined[0]
        yield problem("quarantined-known", count=len(quarantined), number=first.number, since=iso(first.received_at))


def notices(store: Store, about: Surroundings) -> Iterator[Problem]:
    """Notices that are not written, not sent, or not delivered."""
    since = about.now - FAILED_FOR
    with store.reading():
        unwritten, unsent = delays.unwritten(), delays.unsent()
        lost, alerts = delays.failed(since, alerts=False), delays.failed(since, alerts=True)
    running = about.running or desk_runs(about)
    if unwritten is not None and running and about.now - unwritten.since > STUCK:
        yield problem("notices-unwritten", **_values(unwritten))
    if unsent is not None and about.now - unsent.since > UNSENT:
        yield problem("notices-wait", **_values(unsent))
    for code, found in (("notices-failed", lost), ("alerts-failed", alerts)):
        if found is not None:
            yield problem(code, **_values(found))


def _values(found: Delayed) -> dict[str, object]:
    reply = one_line(found.reply) or "no answer was noted"
    return {**vars(found), "since": iso(found.since), "reply": reply}


def clock(store: Store, about: Surroundings) -> Iterator[Problem]:
    """Whether the system clock can be believed (`desk.calendar.clock_check`)."""
    with store.reading():
        mark: datetime | None = clock_mark.last()
    if mark is None or is_credible(about.now, mark, was_off=True):
        return
    code = "clock-back" if about.now < mark else "clock-ahead"
    yield problem(code, now=iso(about.now), mark=iso(mark), days=(about.now - mark).days)
