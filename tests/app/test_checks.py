"""Each misconfiguration is found, in one line with what to do; a right set-up has none, and nothing is written."""

import hashlib
import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path
from unittest import mock

import psycopg
import pytest

from mailbot.app.checks import store as store_checks
from mailbot.app.checks.kind import Severity
from mailbot.app.checks.kinds import KINDS
from mailbot.app.checks.run import When
from mailbot.app.checks.texts_of_quickstart import QUICKSTART
from mailbot.app.hourly_checks import require_no_refusal
from mailbot.clock import ManualClock
from mailbot.errors import ConfigError
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import DeliveryResult, Disposition
from mailbot.model.view_period import ViewPeriod
from mailbot.records.database import read_only as read_only_module
from mailbot.records.database.sqlite import SqliteStore
from mailbot.records.log import mail_log
from mailbot.records.maintenance import clock_mark
from mailbot.records.queues import outbox
from mailbot.records.register import absences
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow
from mailbot.records.schema.register_tables import ReviewerRow
from mailbot.records.secrets.vault import hashed
from mailbot.runners import nameservers
from tests.runners.test_imap_hostile import REFUSED, HostileServer
from tests.testkit.certificates import certificate
from tests.testkit.command_line import mailbot
from tests.testkit.desk_folder import arrival
from tests.testkit.mail_domains import NameServer, Zones
from tests.testkit.new_stores import write_private
from tests.testkit.postgres import Postgres
from tests.testkit.records import NOW, mail, put_mail, receive, record_result, submitted
from tests.testkit.set_up import DOMAIN, HOST, Relay, SetUp
from tests.testkit.token_service import google_key

Break = Callable[[SetUp], None]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Relay], str, Zones, Path]]:
    folder = tmp_path_factory.mktemp("servers")
    certificate(folder / "relay.pem", last=5)
    zones = Zones()
    name_server = NameServer(zones)
    relays = {
        "right": Relay(folder / "relay.pem"),
        "plain": Relay(folder / "relay.pem", tls=False),
        "no auth": Relay(folder / "relay.pem", auth=False),
    }
    with mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(folder / "relay.pem")}):
        yield relays, name_server.address, zones, folder
    for relay in relays.values():
        relay.close()
    name_server.close()


@pytest.fixture
def set_up(
    servers: tuple[dict[str, Relay], str, Zones, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SetUp]:
    monkeypatch.setattr(nameservers, "QUERY_SECONDS", 1)
    relays, name_server, zones, _ = servers
    made = SetUp(tmp_path, relays["right"].port, name_server, zones)
    made.relays = relays  # type: ignore[attr-defined]
    yield made
    for one in made.open:
        one.close()


def sets(section: str, **keys: object) -> Break:
    return lambda it: it.set(section, **keys)


def publishes(name: str, kind: str, *texts: str) -> Break:
    return lambda it: it.zones.records.__setitem__((name, kind), list(texts))


def changes_mode(file: str, mode: int) -> Break:
    return lambda it: (it.folder / file).chmod(mode)


def has_certificate(**how: object) -> Break:
    names = how.pop("names", (HOST,))
    return lambda it: certificate(it.folder / "smtp.pem", *names, now=NOW, mode=0o600, **{"last": 90, **how})  # type: ignore[misc, arg-type]


def in_store(change: Callable[..., object]) -> Break:
    def broken(it: SetUp) -> None:
        with it.desk() as context, context.store.transaction():
            change(context)

    return broken


def uses_relay(name: str) -> Break:
    return lambda it: it.set("relay", port=it.relays[name].port)  # type: ignore[attr-defined]


def uses_imap(answer: Callable[..., bytes | None], **keys: object) -> Break:
    def broken(it: SetUp) -> None:
        server = HostileServer(answer)
        it.open.append(server)
        write_private(it.folder / "imap.password", b"x")
        given = {"enabled": True, "host": "127.0.0.1", "port": server.port, "tls": "none", "user": "desk"}
        it.set("imap", **{**given, "password_file": "imap.password", **keys})

    return broken


def renews_tokens(**keys: object) -> Break:
    """The relay wants a token of Google, whose token service does not answer."""

    def broken(it: SetUp) -> None:
        google_key(it.folder / "account.json", "https://127.0.0.1:1/token")
        it.set("oauth2", **{"provider": "google", "key_file": "account.json", **keys})
        it.set("relay", oauth2=True)

    return broken


def template(name: str, text: str) -> Break:
    def broken(it: SetUp) -> None:
        path = it.folder / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return broken


def keys_of_another_store(it: SetUp) -> None:
    with it.desk() as context:
        receive(context.store, [arrival("taro@naxtrade.example", "x", "x", ManualClock(NOW))])
    write_private(it.folder / "store/keys/token.key", b"ab" * 32 + b"\n")


def no_token_key(it: SetUp) -> None:
    keys_of_another_store(it)
    (it.folder / "store/keys/token.key").unlink()


def password_issued(context: object) -> None:
    period = ViewPeriod(NOW.date(), NOW.date())
    context.vault.seal(1, "1ANACA0A", hashed("secret"), period, NOW)  # type: ignore[attr-defined]


def no_vault_key(it: SetUp) -> None:
    in_store(password_issued)(it)
    (it.folder / "store/keys/vault.key").unlink()


def another_vault_key(it: SetUp) -> None:
    in_store(password_issued)(it)
    write_private(it.folder / "store/keys/vault.key", b"x " + b"ab" * 32 + b"\n")


def waits(context: object, minutes: int = 60) -> int:
    (number,) = receive(
        context.store, [arrival("taro@naxtrade.example", "x", "x", ManualClock(NOW - timedelta(minutes=minutes)))]
    )  # type: ignore[attr-defined]
    return number


def mail_waits(it: SetUp) -> None:
    with it.desk() as context:
        waits(context)


def mail_waits_while_a_desk_runs(it: SetUp) -> None:
    """Others are refused meanwhile, which nobody has to handle."""
    mail_waits(it)
    with it.desk() as context, context.store.transaction():
        mail_log.append(at=NOW, direction="in", sender="x@y.example", disposition="refused", reason="no-such-user")
    health = socket.create_server(("127.0.0.1", it.config["web"]["health_port"]))

    import threading

    def answer() -> None:
        while True:
            try:
                client, _ = health.accept()
            except OSError:
                return
            with client:
                client.recv(4096)
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\nok\n")

    threading.Thread(target=answer, daemon=True).start()
    it.open.append(health)


def quarantined(it: SetUp) -> None:
    with it.desk() as context:
        number = waits(context)
        with context.store.transaction():
            InboxRow.update(
                state="done", disposition=Disposition.QUARANTINED.value, reason="surprise", done_at=NOW
            ).where(InboxRow.id == number).execute()


def notice(kind: NoticeKind, result: DeliveryResult, **changes: object) -> Break:
    def broken(it: SetUp) -> None:
        at = NOW - timedelta(hours=3)
        with it.desk() as context:
            with context.store.transaction():
                number = put_mail(mail(kind=kind, role=Role.OPERATOR), at)
            (item,) = outbox.claim(context.store, at, 1)
            record_result(context.store, number, result, at, None if result.permanent else NOW)
            with context.store.transaction():
                OutboxRow.update(**changes).where(OutboxRow.id == item.id).execute() if changes else None

    return broken


def newer_store(it: SetUp) -> None:
    with closing(sqlite3.connect(it.folder / "store/mailbot.sqlite3")) as database, database:
        table = "schema_migration"
        database.execute(f"INSERT INTO {table} (name, applied) VALUES ('9999_future', '2027-01-01')")


def older_store(it: SetUp) -> None:
    with closing(sqlite3.connect(it.folder / "store/mailbot.sqlite3")) as database, database:
        database.execute("DELETE FROM schema_migration WHERE name = (SELECT max(name) FROM schema_migration)")


def damaged(it: SetUp) -> None:
    (it.folder / "store/mailbot.sqlite3").write_bytes(b"no database" * 1000)


def listens(section: str, key: str) -> Break:
    def broken(it: SetUp) -> None:
        it.open.append(socket.create_server(("127.0.0.1", it.config[section][key])))

    return broken


def stale_copy(it: SetUp) -> None:
    from mailbot.app.templates_of_operator import copy

    copy(it.folder / "templates", "notices/received.ja.j2")
    (it.folder / "templates/.copied/notices/received.ja.j2").write_text("before the upgrade")


def honest(server: HostileServer, words: str, uid: int) -> bytes:
    del server, words, uid
    return b""


# What is wrong → what is found.
MISCONFIGURED: dict[str, tuple[Break, str]] = {
    "01 nobody is alerted": (sets("desk", admin=[]), "admin-empty"),
    "02 the example is alerted": (sets("desk", admin=["operator@desk.example"]), "admin-example"),
    "03 the desk alerts itself": (sets("desk", admin=[f"UKETSUKE@{DOMAIN}"]), "admin-is-the-desk"),
    "04 the desk has the address of the example": (sets("desk", address="desk@desk.example"), "address-example"),
    "05 nobody can open the pages": (sets("desk", base_url=""), "base-url-missing"),
    "06 base_url is no URL": (sets("desk", base_url="pages.moushikomi.jp"), "base-url-not-a-url"),
    "07 base_url without TLS": (sets("desk", base_url=f"http://pages.{DOMAIN}/"), "base-url-without-tls"),
    "08 root runs it": (lambda it: setattr(it, "user_id", 0), "as-root"),
    "09 everybody may change the configuration": (changes_mode("config.toml", 0o666), "writable-by-all"),
    "10 senders are believed": (sets("auth", require="registered"), "senders-not-authenticated"),
    "11 … from everywhere": (
        lambda it: (it.set("auth", require="registered"), it.set("smtp", host="0.0.0.0"))[0],
        "smtp-open",
    ),
    "12 mail is received in clear": (sets("smtp", host="0.0.0.0", tls_cert="", tls_key=""), "smtp-without-tls"),
    "13 pages in clear": (sets("web", host="0.0.0.0", tls_cert="", tls_key=""), "web-without-tls"),
    "14 the relay's password in clear": (sets("relay", host="192.0.2.1", tls="none", port=9), "password-in-clear"),
    "15 notices in clear": (sets("relay", host="192.0.2.1", tls="none", port=9, user=""), "mail-in-clear"),
    "16 nothing is sent": (sets("relay", host=""), "relay-not-set"),
    "17 no password for the relay": (sets("relay", password_file=""), "password-missing"),
    "18 the password's file is gone": (sets("relay", password_file="gone"), "password-missing"),
    "19 others read the password": (changes_mode("relay.password", 0o644), "readable-by-others"),
    "20 others read the store": (changes_mode("store/mailbot.sqlite3", 0o644), "readable-by-others"),
    "21 others read the key of reply addresses": (changes_mode("store/keys/token.key", 0o640), "key-readable-by-others"),
    "22 no key of reply addresses": (
        lambda it: write_private(it.folder / "store/keys/token.key", b"nonsense\n"),
        "key-not-usable",
    ),
    "23 the key of reply addresses is gone": (no_token_key, "token-key-missing"),
    "24 … is of another store": (keys_of_another_store, "token-key-of-another-store"),
    "25 the key of issued passwords is gone": (no_vault_key, "vault-key-missing"),
    "26 … is of another store": (another_vault_key, "vault-key-of-another-store"),
    "27 the disk is full": (sets("smtp", min_free_bytes=1 << 60), "disk-full"),
    "28 … is nearly full": (
        lambda it: it.set("smtp", min_free_bytes=shutil.disk_usage(it.folder).free // 2),
        "disk-nearly-full",
    ),
    "29 no DKIM key": (sets("relay", dkim_key="gone.pem"), "dkim-key-not-usable"),
    "30 no pinned key": (sets("auth", pinned_dkim=["a.jp s gone"]), "pinned-key-not-usable"),
    "31 no certificate": (sets("smtp", tls_cert="gone.pem"), "certificate-not-readable"),
    "32 no key of the certificate": (sets("web", tls_key="gone.pem"), "certificate-not-readable"),
    "33 a certificate of another key": (sets("web", tls_cert="smtp.pem"), "certificate-of-another-key"),
    "34 an expired certificate": (has_certificate(first=-90, last=-1), "certificate-expired"),
    "35 a certificate of tomorrow": (has_certificate(first=1), "certificate-not-yet-valid"),
    "36 a certificate near its end": (has_certificate(last=20), "certificate-near-its-end"),
    "37 a certificate for another host": (has_certificate(names=("old.example",)), "certificate-for-another-name"),
    "38 the SMTP port is taken": (listens("smtp", "port"), "smtp-port-taken"),
    "39 the web port is taken": (listens("web", "port"), "web-port-taken"),
    "40 the relay is dead": (lambda it: it.set("relay", port=it.config["smtp"]["port"]), "relay-dead"),
    "41 the relay has no STARTTLS": (uses_relay("plain"), "relay-no-starttls"),
    "42 the relay's TLS is another": (sets("relay", tls="implicit"), "relay-tls"),
    "43 the relay's certificate is for another name": (sets("relay", host="localhost"), "relay-tls"),
    "44 the relay has no AUTH": (uses_relay("no auth"), "relay-no-auth"),
    "45 the relay's password is wrong": (
        lambda it: write_private(it.folder / "relay.password", b"wrong"),
        "relay-refused",
    ),
    "46 IMAP is dead": (uses_imap(honest, port=1), "imap-dead"),
    "47 IMAP has no STARTTLS": (uses_imap(honest, tls="starttls"), "imap-no-starttls"),
    "48 IMAP's TLS is another": (uses_imap(honest, tls="implicit"), "imap-tls"),
    "49 IMAP refuses the log-in": (
        uses_imap(lambda server, words, uid: REFUSED if words.startswith("LOGIN") else b""),
        "imap-refused",
    ),
    "50 IMAP has no such folder": (
        uses_imap(lambda server, words, uid: b"* OK nothing\r\n" if words.startswith("LIST") else b"", folder="Eingang"),
        "imap-no-folder",
    ),
    "51 the name servers are dead": (lambda it: it.zones.away.add(DOMAIN), "name-servers-dead"),
    "52 a name server is no address": (sets("auth", nameservers=["dns.example"]), "name-servers-wrong"),
    "53 no MX": (publishes(DOMAIN, "MX"), "dns-no-mx"),
    "54 null MX": (publishes(DOMAIN, "MX", "0 ."), "dns-null-mx"),
    "55 the MX has no address": (publishes(HOST, "A"), "dns-mx-without-address"),
    "56 no SPF": (publishes(DOMAIN, "TXT", "hello"), "dns-no-spf"),
    "57 two SPF records": (publishes(DOMAIN, "TXT", "v=spf1 -all", "v=spf1 mx -all"), "dns-two-spf"),
    "58 SPF forbids the relay": (sets("relay", host="224.0.0.1", port=9), "dns-spf-fails"),  # no host: refused at once
    "59 nothing is signed": (sets("relay", dkim_key=""), "dkim-not-set"),
    "60 no DKIM record": (publishes(f"mailbot._domainkey.{DOMAIN}", "TXT"), "dns-no-dkim"),
    "61 the DKIM record is another's": (
        publishes(f"mailbot._domainkey.{DOMAIN}", "TXT", "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ=="),
        "dns-other-dkim",
    ),
    "62 no DMARC": (publishes(f"_dmarc.{DOMAIN}", "TXT"), "dns-no-dmarc"),
    "63 base_url has no address": (publishes(f"pages.{DOMAIN}", "A"), "dns-base-url"),
    "64 no store": (sets("store", url="sqlite:///elsewhere/mailbot.sqlite3"), "store-missing"),
    "65 the store is damaged": (damaged, "store-damaged"),
    "66 PostgreSQL is away": (sets("store", url="postgresql://mailbot@127.0.0.1:1/mailbot"), "store-away"),
    "67 a newer store": (newer_store, "store-newer"),
    "68 an older store": (older_store, "store-older"),
    "69 no reviewer of a category": (
        in_store(lambda context: ReviewerRow.update(categories=["A", "B"]).execute()),
        "no-reviewer",
    ),
    "70 every reviewer is absent": (
        in_store(lambda context: [absences.begin(f"{one}@desk.example", NOW, None) for one in ("ichiro", "ryoko")]),
        "reviewers-absent",
    ),
    "71 mail waits, and no desk runs": (mail_waits, "not-served"),
    "72 the worker does not move": (mail_waits_while_a_desk_runs, "worker-stuck"),
    "73 a notice was not delivered": (
        notice(NoticeKind.RECEIVED, DeliveryResult(False, permanent=True, code=550, reply="550 no such user")),
        "notices-failed",
    ),
    "74 an alert was not delivered": (
        notice(NoticeKind.ALERT, DeliveryResult(False, permanent=True, code=550, reply="550 no such user")),
        "alerts-failed",
    ),
    "75 notices wait for the relay": (
        notice(NoticeKind.RECEIVED, DeliveryResult(False, code=451, reply="451 later")),
        "notices-wait",
    ),
    "76 a known person's mail is quarantined": (quarantined, "quarantined-known"),
    "77 the clock went back": (
        in_store(lambda context: clock_mark.record(NOW + timedelta(days=2))),
        "clock-back",
    ),
    "78 the clock went ahead": (in_store(lambda context: clock_mark.record(NOW - timedelta(days=40))), "clock-ahead"),
    "79 a template that cannot be read": (
        template("notices/received.ja.j2", "{% extends frame %}{% block lead %}{% if x %}{% endblock %}"),
        "template-broken",
    ),
    "80 a template with another name": (template("notices/recieved.ja.j2", "x"), "template-unknown"),
    "81 a copy of an older version": (stale_copy, "template-stale"),
    "82 no offices": (
        in_store(lambda context: [context.store._connection.execute_sql(f"DELETE FROM {t}") for t in ("user_id", "user_code", "contact", "mailbox", "office")]),
        "no-offices",
    ),
    "83 [oauth2] is not complete": (renews_tokens(key_file=""), "oauth2-incomplete"),
    "84 [oauth2] is for one account": (
        lambda it: (it.set("imap", enabled=True, host="127.0.0.1", port=1, user="other", oauth2=True), renews_tokens()(it))[1],
        "oauth2-two-users",
    ),
    "85 no token is issued": (renews_tokens(), "token-not-renewed"),
    "86 others read the key of the account": (
        lambda it: (renews_tokens()(it), (it.folder / "account.json").chmod(0o644))[0],
        "readable-by-others",
    ),
}  # fmt: skip
# Found elsewhere: by a test below, or only on a machine of another kind.
ELSEWHERE = {
    "check-failed",  # test_a_check_that_fails_itself
    "config-not-found",  # test_a_configuration_that_is_not_found
    "not-writable",  # test_a_store_of_another_user
    "owned-by-another",
    "store-not-read",  # test_a_large_store
    "store-settings",  # tests/records/test_postgres.py
    "notices-unwritten",  # test_notices_that_cannot_be_written
    "port-not-allowed",  # test_a_port_below_1024
}


def test_a_right_set_up_has_no_findings(set_up: SetUp) -> None:
    assert [one.line for one in set_up.findings()] == []


def test_root_that_becomes_another_user_is_no_finding(set_up: SetUp) -> None:
    set_up.user_id = 0
    set_up.set("smtp", user="nobody")
    assert "as-root" not in set_up.codes()


@pytest.mark.parametrize("name", MISCONFIGURED)
def test_each_misconfiguration_is_one_line_with_what_to_do(set_up: SetUp, name: str) -> None:
    """And a desk does not start with what would lose or leak."""
    broken, code = MISCONFIGURED[name]
    broken(set_up)
    found = [one for one in set_up.findings() if one.code == code]
    assert found, "not found"
    assert all("\n" not in one.line and len(one.do) > 10 for one in found)
    refused = KINDS[code].severity is Severity.REFUSED
    with pytest.raises(ConfigError) if refused else nullcontext():
        require_no_refusal(found)


def test_every_kind_has_its_misconfiguration() -> None:
    assert {code for _, code in MISCONFIGURED.values()} | ELSEWHERE == set(KINDS) - set(
        QUICKSTART
    )  # those: tests/commands/test_quickstart.py


def tree(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Path → hash of the content, time of change, mode."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize(
    "name", ["", "22 no key of reply addresses", "23 the key of reply addresses is gone", "25 the key of issued passwords is gone",
             "64 no store", "68 an older store", "72 the worker does not move", "80 a template with another name"]
)  # fmt: skip
def test_nothing_is_written(set_up: SetUp, name: str) -> None:
    """Not one octet, file or time of change: also when keys, store or migrations are missing."""
    if name:
        MISCONFIGURED[name][0](set_up)
    before = tree(set_up.folder)
    set_up.findings()
    assert tree(set_up.folder) == before


def test_nothing_is_written_while_a_desk_runs_or_after_a_crash(set_up: SetUp, tmp_path: Path) -> None:
    """With a write-ahead log beside the database; what is only in the log is read."""
    with set_up.desk() as context:
        waits(context)
        crashed = tmp_path / "crashed"
        shutil.copytree(set_up.folder / "store", crashed / "store")
        shutil.copy(set_up.folder / "config.toml", crashed)
        assert (crashed / "store/mailbot.sqlite3-wal").stat().st_size
        before = tree(set_up.folder)
        assert "not-served" in set_up.codes()
        assert tree(set_up.folder) == before
    set_up.folder = crashed
    before = tree(crashed)
    assert "not-served" in set_up.codes()
    assert tree(crashed) == before


def test_a_store_of_another_user(set_up: SetUp) -> None:
    """As root may write everything: the system's answer is put in its place."""
    with mock.patch("mailbot.app.checks.files.os.access", side_effect=lambda path, mode, **_: Path(path).is_dir()):
        assert "owned-by-another" in set_up.codes()
    with mock.patch("mailbot.app.checks.files.os.access", return_value=False):
        assert "not-writable" in set_up.codes()


def test_notices_that_cannot_be_written(set_up: SetUp) -> None:
    mail_waits_while_a_desk_runs(set_up)
    with set_up.desk() as context, context.store.transaction():
        put_mail(mail(), NOW - timedelta(hours=1))
        OutboxRow.update(state="unwritten").execute()
    assert "notices-unwritten" in set_up.codes()


def test_a_check_that_fails_itself(set_up: SetUp) -> None:
    """The others are made."""
    set_up.set("desk", admin=[])
    with mock.patch("mailbot.app.checks.configuration._changed_by_others", side_effect=ZeroDivisionError):
        assert set_up.codes() == ["admin-empty", "check-failed"]


def test_a_port_below_1024(set_up: SetUp) -> None:
    with mock.patch(
        "mailbot.app.checks.servers.socket.socket.bind", side_effect=PermissionError(13, "Permission denied")
    ):
        assert "port-not-allowed" in set_up.codes()


def test_the_checks_at_the_start_ask_no_other_machine(set_up: SetUp) -> None:
    set_up.zones.away.add(DOMAIN)
    set_up.set("relay", host="192.0.2.1")
    with (
        mock.patch("socket.create_connection", side_effect=AssertionError),
        mock.patch("socket.socket.connect", side_effect=AssertionError),
    ):
        assert [one.code for one in set_up.findings((When.AT_START,))] == []


def test_an_application_that_was_decided_is_no_finding(set_up: SetUp) -> None:
    """A store with a history: no false alarm."""
    with set_up.desk() as context:
        with context.store.transaction():
            submitted()
            clock_mark.record(NOW - timedelta(minutes=1))
            number = put_mail(mail(), NOW)
        outbox.claim(context.store, NOW, 1)
        record_result(context.store, number, DeliveryResult(True, code=250, reply="OK"), NOW, None)
        waits(context, minutes=1)
    assert set_up.codes() == []


def test_a_configuration_that_is_not_found(tmp_path: Path) -> None:
    """The paths that were tried, and where there is one."""
    mailbot(tmp_path, "init", "desk", "--sample", "--phone", "")
    said = mailbot(tmp_path, "doctor", "--json", code=1, printed=True)
    found = {one["code"]: one for one in json.loads(said)["findings"]}
    assert str(tmp_path / "config.toml") in found["config-not-found"]["found"]
    assert "--config" in found["config-not-found"]["do"] and "desk/config.toml" in found["config-not-found"]["do"]


@pytest.mark.slow
def test_nothing_is_written_on_postgresql(set_up: SetUp, postgres_template: tuple[Postgres, str]) -> None:
    server, template = postgres_template
    url = server.database(template)
    set_up.set("store", url=url)
    before = rows_of(url), tree(set_up.folder)
    assert "no-offices" in set_up.codes()
    assert (rows_of(url), tree(set_up.folder)) == before
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM schema_migration WHERE name = (SELECT max(name) FROM schema_migration)")
    before = rows_of(url), tree(set_up.folder)
    assert "store-older" in set_up.codes(), "and it is not migrated"
    assert (rows_of(url), tree(set_up.folder)) == before
    server.drop(url)


def rows_of(url: str) -> dict[str, object]:
    """Table → its rows, of a PostgreSQL database."""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names.fetchall()}


def test_a_large_store(set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked through for damage when that is asked for."""
    looked_through: list[str] = []
    monkeypatch.setattr(SqliteStore, "_integrity_errors", lambda store: looked_through.append(store.path.name) or ["x"])
    monkeypatch.setattr(store_checks, "LARGEST_READ", 100)
    assert (set_up.codes(), looked_through) == (["store-not-read"] * 2, [])
    assert [one.code for one in set_up.findings(reads_all=True)] == ["store-damaged"] * 2
    assert looked_through == ["mailbot.sqlite3", "mailbot.intake.sqlite3"]
    read_only = read_only_module._ReadOnlySqliteStore
    monkeypatch.setattr(read_only, "problems", lambda _, *, reads_all: [] if reads_all else ["the settings"])
    assert set(set_up.codes()) == {"store-not-read", "store-damaged"}  # the settings are looked at in any case
