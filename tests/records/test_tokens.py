"""Tests of records.applications.grants."""

import random
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.model.people import Role
from mailbot.model.reply_token import ForApplication, ForChallenge, ForDigest, Grant, ReplyToken, Scope, new_token
from mailbot.records.applications import grants
from mailbot.records.database import Store, Upgrade, open_store, opening
from mailbot.records.schema.tables import MAIN
from tests.testkit.records import MINUTE, NOW, SQLITE, URL

CHANCE = random.Random(1)


def issued(
    store: Store, role: Role = Role.REVIEWER, application_id: int = 1, scope: Scope | None = None
) -> tuple[ReplyToken, Grant]:
    token = new_token(b"k" * 32, CHANCE.randbytes)
    scope = scope or ForApplication(application_id, 2)
    grant = Grant(token.id, token.secret_hash, scope, "x@y.example", role, NOW + MINUTE)
    with store.transaction():
        grants.issue([grant])
    return token, grant


def test_a_token_finds_its_grant(store: Store) -> None:
    token, grant = issued(store)
    other, _ = issued(store)
    assert grants.find(token) == grant
    assert grants.find(replace(token, secret=other.secret)) is None
    assert grants.find(replace(token, id=other.id)) is None
    assert grants.find(new_token(b"k" * 32, CHANCE.randbytes)) is None


@pytest.mark.parametrize("scope", [ForApplication(7, 3), ForDigest(), ForChallenge(12)])
def test_what_a_token_is_for_is_kept(store: Store, scope: Scope) -> None:
    token, _ = issued(store, scope=scope)
    found = grants.find(token)
    assert found is not None
    assert found.scope == scope


@SQLITE
def test_the_secret_is_not_kept(store: Store) -> None:
    token, _ = issued(store)
    connection = sqlite3.connect(store.path)
    kept = connection.execute("SELECT * FROM reply_token").fetchall()
    connection.close()
    assert token.id in str(kept)
    assert token.secret not in str(kept)


def test_void(store: Store) -> None:
    reviewer, _ = issued(store)
    contact, _ = issued(store, Role.CONTACT)
    elsewhere, _ = issued(store, application_id=2)
    with store.transaction():
        assert grants.void(1, NOW, role=Role.REVIEWER) == 1
        assert grants.void(1, NOW + MINUTE) == 1  # what is void already stays as it is
    found = [grants.find(token) for token in (reviewer, contact, elsewhere)]
    assert [grant.void_at if grant else "gone" for grant in found] == [NOW, NOW + MINUTE, None]
    assert [grant.is_live(NOW) for grant in found if grant] == [False, False, True]


@pytest.mark.parametrize(("scope", "disclosed"), [("application", True), ("digest", True), ("challenge", False)])
def test_tokens_that_were_message_ids_prove_nothing_from_migration_12_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scope: str, disclosed: bool
) -> None:
    """The address goes on working, and what it is about stays known; but it was in every reply and relay log."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in MAIN.migrations.glob("0*.py"):
        if path.name < "0012":
            (folder / path.name).write_text(path.read_text())
    token = new_token(b"k" * 32, CHANCE.randbytes)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "MAIN", replace(MAIN, migrations=folder))
        old = open_store(URL, tmp_path, create=True)
        with old.transaction():
            old._connection.execute_sql(
                "INSERT INTO reply_token (token_id, secret_hash, email, role, expires_at, scope, application_id, revision)"
                " VALUES (?, ?, 'x@y.example', 'contact', '2030-01-01T00:00:00.000000+00:00', ?, 1, 2)",
                (token.id, token.secret_hash, scope),
            )
        old.close()
    new = open_store(URL, tmp_path, upgrade=Upgrade())
    with new.reading():
        found = grants.find(token)
    new.close()
    assert found is not None and found.is_live(NOW)
    assert (found.disclosed, found.proves_at(NOW)) == (disclosed, not disclosed)
