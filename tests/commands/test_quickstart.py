"""`mailbot quickstart`: what it writes is complete and private, keeps what is there, and is looked for afterwards."""

import json
import os
import stat
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dns.zone
import pytest
from dns.rdatatype import MX, TXT

from mailbot.app.checks.run import run_checks
from mailbot.app.checks.surroundings import read_only_surroundings
from mailbot.app.quickstart.check import InUse, user_of
from mailbot.config import load
from mailbot.mail.dkim import new_keys
from mailbot.mail.dkim.keys import read_key
from mailbot.mail.dkim.signature import Algorithm
from mailbot.runners import nameservers
from tests.testkit.command_line import mailbot, on_terminal
from tests.testkit.mail_domains import NOW, NameServer, Zones, zones_of_file
from tests.testkit.servers import free_port

ADDRESS = "desk@desk.agency.example"
ASKED = (ADDRESS, "d", "--hostname", "mx.desk.agency.example", "--admin", "hanako@agency.example", "--user", "nobody")


@pytest.fixture(autouse=True)
def short_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are made in a fifth of the time."""
    monkeypatch.setattr(new_keys, "RSA_BITS", 1024)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A desk that was set up a moment ago."""
    mailbot(tmp_path, "quickstart", *ASKED, "--ip", "192.0.2.7", "--ip", "2001:db8::7")
    return tmp_path / "d"


def test_the_configuration_is_that_of_the_answers(folder: Path) -> None:
    config = load(folder / "config.toml", {})
    assert (config.desk.address, config.desk.admin) == (ADDRESS, ["hanako@agency.example"])
    assert (config.auth.require, config.relay.host) == ("dmarc", "127.0.0.1")
    assert config.desk.base_url == "https://mx.desk.agency.example/"


@pytest.mark.parametrize("name", ["keys/dkim.pem", "keys/dkim-ed25519.pem", "store/keys/token.key", "store", "keys"])
def test_only_their_owner_reads_the_keys(folder: Path, name: str) -> None:
    assert stat.S_IMODE((folder / name).stat().st_mode) & 0o077 == 0


def test_the_zone_publishes_the_keys_that_sign(folder: Path) -> None:
    zone = dns.zone.from_text((folder / "setup/dns.zone").read_text(), ADDRESS.rpartition("@")[2], check_origin=False)
    texts = {
        name.to_text(): b"".join(record.strings) for name, _, record in zone.iterate_rdatas(TXT) if record is not None
    }
    assert read_key(texts["mailbot._domainkey"], Algorithm.RSA)
    assert read_key(texts["mailbot-ed25519._domainkey"], Algorithm.ED25519)
    assert texts["@"] == b"v=spf1 mx -all"
    assert texts["_dmarc"].endswith(b"rua=mailto:hanako@agency.example")
    ((_, _, mx),) = zone.iterate_rdatas(MX)
    assert mx.exchange.to_text() == "mx"


def test_others_at_the_domain_keep_their_records(tmp_path: Path) -> None:
    printed = json.loads(mailbot(tmp_path, "quickstart", *ASKED, "--shared-domain", "--json"))
    names = {(one["name"], one["type"]) for one in printed["records"]}
    assert ("desk.agency.example", "MX") not in names and ("_dmarc.desk.agency.example", "TXT") not in names
    assert "a:mx.desk.agency.example" in (tmp_path / "d/setup/dns.zone").read_text()
    assert "relay_domains" not in (tmp_path / "d/setup/postfix/main.cf").read_text()


def test_a_second_time_keeps_everything_and_writes_what_is_gone(folder: Path) -> None:
    (folder / "setup/dns.zone").write_text("; mine\n")
    (folder / "setup/nginx.conf").unlink()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.suffix in (".pem", ".toml", ".key")}
    printed = mailbot(folder.parent, "quickstart", *ASKED)
    assert f"written {folder}/setup/nginx.conf" in printed
    assert f"kept, though it differs from what would be written: {folder}/setup/dns.zone" in printed
    assert (folder / "setup/dns.zone").read_text() == "; mine\n"
    assert len(before) == 4 and before == {path: path.read_bytes() for path in before}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to the user of the service")
@pytest.mark.parametrize("name", ["keys", "store"])
def test_root_gives_away_nothing_behind_a_link(folder: Path, tmp_path: Path, name: str) -> None:
    """Who owns the folder could put a link to /etc there before an operator runs the command again."""
    (folder / name).rename(folder / "moved")
    elsewhere = tmp_path / "etc"
    elsewhere.mkdir()
    (elsewhere / "shadow").touch()
    (folder / name).symlink_to(elsewhere)
    assert "is a symbolic link" in mailbot(tmp_path, "quickstart", *ASKED, code=2)
    assert [path.name for path in elsewhere.iterdir()] == ["shadow"] and (elsewhere / "shadow").stat().st_uid == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "expected the address of the desk"),
        (("desk@localhost",), "expected an address such as desk@agency.example"),
        (("de|sk@agency.example",), "letters, digits, . and _"),
        (("desk@agency.example", "d", "--hostname", "localhost"), "--hostname 'localhost': expected a name such as"),
        ((*ASKED, "--web-host", "a_b.example"), "--web-host 'a_b.example'"),
        (("desk@agency.example", "d", "--hostname", "mx.agency.example"), "--admin: expected the address of somebody"),
        ((*ASKED, "--admin", ADDRESS), "other than the desk's own"),
        ((*ASKED, "--ip", "192.0.2"), "--ip: '192.0.2'"),
        ((*ASKED, "--user", "a b"), "--user 'a b'"),
        ((ADDRESS, "a b", *ASKED[2:]), "a path of letters"),
        ((*ASKED, "--hours", "平日"), "--hours without --phone"),
    ],
)
def test_what_cannot_be_writes_nothing(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    assert says in mailbot(tmp_path, "quickstart", *words, code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_another_desk_is_left_alone(folder: Path) -> None:
    said = mailbot(folder.parent, "quickstart", "desk@other.example", *ASKED[1:], code=2)
    assert f"is of {ADDRESS}, not of desk@other.example" in said


def test_on_a_terminal_it_asks(tmp_path: Path) -> None:
    on_terminal(
        tmp_path,
        *("quickstart", "desk@agency.example", "d", "--user", "nobody"),
        typed="mx.agency.example\nhanako@agency.example\ny\n03-1234-5678\n\n",
    )
    desk = tomllib.loads((tmp_path / "d/config.toml").read_text())["desk"]
    assert (desk["admin"], desk["phone"]) == (["hanako@agency.example"], "03-1234-5678")
    assert "relay_domains" not in (tmp_path / "d/setup/postfix/main.cf").read_text()


@pytest.fixture
def zones() -> Iterator[tuple[Zones, str]]:
    """What a name server on loopback publishes, and its address."""
    published = Zones()
    with closing(NameServer(published)) as server:
        yield published, server.address


def found_by_check(folder: Path, server: str, answers: dict[str, str], url: str = "") -> set[str]:
    """What `--check` says in this folder.

    `answers`: command line → what it prints; others are not installed.  `url`: of the pages; "": there are none.
    """
    web = {"MAILBOT_WEB_ENABLED": str(bool(url)), "MAILBOT_DESK_BASE_URL": url}
    config = load(folder / "config.toml", {"MAILBOT_AUTH_NAMESERVERS": server, **web})
    checks = InUse(lambda words: answers.get(" ".join(words)), folder / "unit").checks()
    with read_only_surroundings(config, folder / "config.toml", NOW, user_of(config)) as about:
        return {one.line for one in run_checks(about, checks=checks)}


ROUTE, TABLE = "smtp:[127.0.0.1]:2525", "regexp:/etc/postfix/mailbot-transport"
ROUTED = {
    "postconf -h transport_maps": f"hash:/etc/postfix/transport, {TABLE}",
    "postconf -h smtpd_forbid_bare_newline": "yes",
    f"postmap -q {ADDRESS} {TABLE}": ROUTE,
    f"postmap -q desk+token@desk.agency.example {TABLE}": ROUTE,
    f"postmap -q desk-bounces+token@desk.agency.example {TABLE}": ROUTE,
}
# Nothing was started, and there is no register yet.
NOT_STARTED = ("the SMTP port 127.0.0.1:2525", "the relay 127.0.0.1:25", "the register has no", "no reviewer has")


def test_check_finds_all_of_it(folder: Path, zones: tuple[Zones, str]) -> None:
    published, server = zones
    published.records.update(zones_of_file((folder / "setup/dns.zone").read_text()).records)
    assert [one for one in found_by_check(folder, server, ROUTED) if not one.startswith(NOT_STARTED)] == []


# What is said → how it comes to be so
MISSING = (
    "DNS has not the record TXT of desk.agency.example in setup/dns.zone: there is v=spf1 ~all. Publish: v=spf1 mx -all",
    "DNS has not the record MX of desk.agency.example in setup/dns.zone: there is nothing",
    "no name server answered for the record TXT of _dmarc.desk.agency.example",
    "relay.dkim_key: {folder}/keys/dkim.pem can be read by others; run: chmod 600",
    "{folder}/store/keys/token.key (the keys of reply addresses) can be read by other users",
    "{folder}/setup/ lacks nginx.conf. Run mailbot quickstart desk@desk.agency.example",
    f"Postfix does not hand desk+token@desk.agency.example to {ROUTE}",
    "Postfix accepts bare newlines",
    "no reviewer has category A",
)


def test_check_says_what_is_missing(folder: Path, zones: tuple[Zones, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nameservers, "QUERY_SECONDS", 1)
    published, server = zones
    published.records["desk.agency.example", "TXT"] = ["v=spf1 ~all"]
    published.away.add("_dmarc.desk.agency.example")
    for name in ("keys/dkim.pem", "store/keys/token.key"):
        (folder / name).chmod(0o644)
    (folder / "setup/nginx.conf").unlink()
    found = found_by_check(folder, server, {**ROUTED, "postconf -h smtpd_forbid_bare_newline": "no"} | {
        f"postmap -q desk+token@desk.agency.example {TABLE}": ""
    })  # fmt: skip
    for words in MISSING:
        assert len([one for one in found if one.startswith(words.format(folder=folder))]) == 1, (
            f"{words}: {sorted(found)}"
        )
    assert not [one for one in found if f"hand {ADDRESS} to" in one]


@pytest.mark.parametrize(
    ("value", "is_safe"),
    [("yes", True), ("normalize", True), ("reject", True), ("no", False), ("", False), (None, False)],
)
def test_check_says_which_postfix_takes_bare_newlines(
    folder: Path, zones: tuple[Zones, str], value: str | None, is_safe: bool
) -> None:
    """One that does not know the setting prints nothing for it, and succeeds (postconf(1))."""
    answers = {name: one for name, one in ROUTED.items() if "newline" not in name}
    if value is not None:
        answers["postconf -h smtpd_forbid_bare_newline"] = value
    found = found_by_check(folder, zones[1], answers)
    assert any("accepts bare newlines" in one for one in found) is not is_safe


@pytest.mark.parametrize("systemd", [True, False])
def test_check_asks_for_a_unit_where_a_systemd_runs(
    folder: Path, zones: tuple[Zones, str], monkeypatch: pytest.MonkeyPatch, systemd: bool
) -> None:
    monkeypatch.setattr("mailbot.app.quickstart.check.SYSTEMD_RUNS", folder if systemd else folder / "none")
    unit = folder / "unit"
    assert [f"{unit} is not there" in one for one in found_by_check(folder, zones[1], {})].count(True) == systemd
    unit.touch()
    assert ["unit does not run" in one for one in found_by_check(folder, zones[1], {})].count(True) == systemd
    running = {"systemctl is-active unit": "active"}
    assert not [one for one in found_by_check(folder, zones[1], running) if "unit" in one]


def test_check_looks_for_no_postfix_where_none_is_needed(folder: Path, zones: tuple[Zones, str]) -> None:
    assert [one for one in found_by_check(folder, zones[1], {}) if "Postfix is not on this machine" in one]
    path = folder / "config.toml"
    path.write_text(path.read_text().replace("port = 2525", "port = 25"))
    assert not [one for one in found_by_check(folder, zones[1], {}) if "Postfix" in one]


def test_check_says_that_nothing_listens_and_a_zone_is_none(folder: Path, zones: tuple[Zones, str]) -> None:
    (folder / "setup/dns.zone").write_text("desk 3600 IN MX mx mx\n")
    found = "\n".join(found_by_check(folder, zones[1], ROUTED, f"https://127.0.0.1:{free_port()}/"))
    assert "setup/dns.zone: not readable as a zone file" in found
    assert "the SMTP port 127.0.0.1:2525 of the desk does not answer" in found
    assert "/ are not reached ([Errno 111] Connection refused)" in found


def test_check_needs_a_configuration(tmp_path: Path) -> None:
    assert "d/config.toml: no such file" in mailbot(tmp_path, "quickstart", "--check", "d", code=1)
