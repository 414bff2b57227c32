"""What a running desk finds reaches the operators by log, mail and file; once a day by mail."""

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mailbot.app.checks.latest import read_latest
from mailbot.app.hourly_checks import HourlyChecks
from mailbot.clock import ManualClock
from mailbot.config import load
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.records.schema.queue_tables import OutboxRow
from tests.testkit.command_line import mailbot
from tests.testkit.desk_folder import init
from tests.testkit.new_stores import write_private
from tests.testkit.records import NOW
from tests.testkit.token_service import google_key
from tests.testkit.waiting import until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path, "--sample", "--phone", "")
    write_private(tmp_path / "password", b"")
    return tmp_path


def test_findings_reach_the_operators_in_three_ways(folder: Path) -> None:
    from mailbot.app.context import open_desk

    path, clock, woken = folder / "config.toml", ManualClock(NOW), []
    broken = {"MAILBOT_RELAY_HOST": "127.0.0.1", "MAILBOT_RELAY_PORT": "1"}
    with open_desk(load(path, broken)) as context:
        checks = HourlyChecks(load(path, broken), path, context, clock, lambda: woken.append(1))
        with capture_logs() as lines:
            found = checks.check_once()
        assert "relay-dead" in [one.code for one in found]
        assert any(line["event"] == "check" and line["code"] == "relay-dead" for line in lines)
        for hours, mails in ((1, 1), (24, 2)):  # the same is said once a day
            write_due(clock.now, context)  # else the next finding is that a notice is not written
            clock.advance(timedelta(hours=hours))
            checks.check_once()
            with context.store.reading():
                assert OutboxRow.select().where(OutboxRow.kind == "alert").count() == mails
        latest = read_latest(load(path, broken))
    assert latest is not None and latest.at == clock.now() and woken
    assert "relay 127.0.0.1:1 does not answer" in mailbot(folder, "doctor", "--last", code=1, printed=True)


def test_when_tokens_begin_to_fail_the_checks_are_made_at_once(folder: Path) -> None:
    """As `serve` connects them: the renewal fails, the checks find it, the operators get a mail."""
    from mailbot.app.context import open_desk
    from mailbot.app.wiring import tokens_of
    from mailbot.runners.access_tokens import TokenRenewal

    path, clock, woken = folder / "config.toml", ManualClock(NOW), []
    google_key(folder / "account.json", "https://127.0.0.1:1/token")
    broken = {
        "MAILBOT_RELAY_HOST": "127.0.0.1",
        "MAILBOT_RELAY_PORT": "1",
        "MAILBOT_RELAY_USER": "desk@desk.example",
        "MAILBOT_RELAY_OAUTH2": "true",
        "MAILBOT_OAUTH2_PROVIDER": "google",
        "MAILBOT_OAUTH2_KEY_FILE": "account.json",
    }
    config = load(path, broken)
    with open_desk(config) as context:
        checks = HourlyChecks(config, path, context, clock, lambda: woken.append(1))
        tokens = tokens_of(config, clock)
        assert tokens is not None
        checks.start()
        until(lambda: woken == [1], "the checks at the start are made")
        clock.advance(timedelta(days=1))
        renewal = TokenRenewal(tokens, checks.check_soon)
        renewal.start()
        until(lambda: woken == [1, 1], "they are made again, an hour early")
        renewal.stop()
        checks.stop()
        with context.store.reading():
            assert OutboxRow.select().where(OutboxRow.kind == "alert").count() == 2
    latest = read_latest(config)
    assert latest is not None and "token-not-renewed" in [one.code for one in latest.findings]
