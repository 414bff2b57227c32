"""The files of `mailbot quickstart` in the programs that read them: Postfix, nginx, systemd, BIND."""

import asyncio
import re
import smtplib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailbot.records.log import mail_log
from tests.servers.test_postfix import application, notices
from tests.testkit.certificates import certificate
from tests.testkit.command_line import mailbot
from tests.testkit.postfix import Postfix
from tests.testkit.running_desk import Running
from tests.testkit.servers import free_port, needed, server_folder

pytestmark = pytest.mark.slow

Start = Callable[..., Any]
OWN, SHARED = "desk@apply.example", "desk@desk.example"  # the sample's reviewers have mail at desk.example
STRANGER = "127.0.0.2"  # not in mynetworks: a client from outside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A desk that was set up a moment ago."""
    return written(tmp_path / "own", OWN)


def written(folder: Path, address: str) -> Path:
    folder.mkdir()
    host = f"mx.{address.rpartition('@')[2]}"
    asked = ("--hostname", host, "--admin", "operator@agency.example", "--user", "mail", "--ip", "192.0.2.7")
    mailbot(folder, "quickstart", address, ".", *asked, "--shared-domain" if address == SHARED else "--own-domain")
    return folder / "setup"


def main_cf(setup: Path, maps: Path, port: int, elsewhere: str) -> str:
    """The snippet, for a desk on `port`, with its maps in `maps`; mail to others goes `elsewhere`, a transport."""
    for name in ("mailbot-transport", "mailbot-recipients"):
        (maps / name).write_text((setup / "postfix" / name).read_text().replace(":2525", f":{port}"))
    text = (setup / "postfix/main.cf").read_text().replace("/etc/postfix/", f"{maps}/")
    return re.sub("(?m)^(transport_maps = .*)$", rf"\1, inline:{{ {{ * = {elsewhere} }} }}", text)


async def behind_postfix(
    start: Start, postfix: Start, setup: Path, maps: Path, address: str, more: str
) -> tuple[Running, Postfix]:
    port, sink_port = free_port(), free_port()
    lines = main_cf(setup, maps, port, f"smtp:[127.0.0.1]:{sink_port}")
    mx = await asyncio.to_thread(postfix, {}, f"{lines}mynetworks = 127.0.0.1/32\n{more}")
    desk = {"address": address, "admin": ["operator@agency.example"]}
    return await start(smtp={"port": port}, relay={"port": mx.port}, sink_port=sink_port, desk=desk), mx


def offered(port: int, recipient: str) -> tuple[int, str]:
    """The reply to RCPT for a client from outside."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30, source_address=(STRANGER, 0)) as client:
        client.ehlo("client.example")
        client.mail("taro@naxtrade.example")
        code, text = client.rcpt(recipient)
        return code, text.decode()


OTHERS = """\
mydestination = desk.example
relay_domains =
local_recipient_maps = regexp:{maps}/mailbot-recipients, inline:{{ {{ ichiro@desk.example = x }}, {{ ryoko@desk.example = x }} }}
"""
# Recipient → the reply to RCPT, for a client from outside
REPLIES = {
    "{address}": 250,
    "{token}": 250,
    "{return_path}": 250,
    "DESK@{domain}": 250,
    "desk+forged.token.here@{domain}": 550,
    "deskx@{domain}": 550,
    "xdesk@{domain}": 550,
    "nobody@{domain}": 550,
    "taro@naxtrade.example": 454,  # no open relay
}


@pytest.mark.parametrize("address", [OWN, SHARED])
async def test_postfix_hands_over_what_is_the_desks_and_nothing_else(
    start: Start, postfix: Start, tmp_path: Path, address: str
) -> None:
    """An application from outside, the notices through the same Postfix, and whom it lets in."""
    setup, domain = written(tmp_path / "quick", address), address.rpartition("@")[2]
    with server_folder() as maps:
        more = OTHERS.format(maps=maps) if address == SHARED else ""
        running, mx = await behind_postfix(start, postfix, setup, maps, address, more)
        await asyncio.to_thread(deliver, mx.port, "taro@naxtrade.example", address, application())
        mails = await asyncio.to_thread(notices, running, 4)
        request = next(m for m in mails if "ichiro" in str(m["To"]))
        token = str(request["Reply-To"].addresses[0].addr_spec)
        return_path = running.sink.wait_for(4, 1)[0].sender
        names = {"address": address, "domain": domain, "token": token, "return_path": return_path}
        special = {"postmaster@{domain}": 250} if address == OWN else {"ichiro@{domain}": 250}
        for recipient, code in {**REPLIES, **special}.items():
            reply = await asyncio.to_thread(offered, mx.port, recipient.format(**names))
            assert reply[0] == code, (recipient, reply, mx.log())
        if address == SHARED:
            await asyncio.to_thread(deliver, mx.port, "taro@naxtrade.example", "ichiro@desk.example", application())
            assert (await asyncio.to_thread(notices, running, 5))[4]["X-Mailbot-Notice"] is None
        with running.context.store.reading():
            received = [row for row in mail_log.listing(100) if row.direction == "in" and row.reason == "submitted"]
        assert len(received) == 1


def deliver(port: int, sender: str, recipient: str, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30, source_address=(STRANGER, 0)) as client:
        client.sendmail(sender, [recipient], raw)


def run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_nginx_takes_its_file(folder: Path) -> None:
    needed("nginx", "nginx-light")
    with server_folder() as root:
        certificate(root / "web.pem")
        text = (folder / "nginx.conf").read_text()
        text = re.sub(r"/etc/letsencrypt\S+pem", f"{root}/web.pem", text)
        text = text.replace("443", str(free_port())).replace("listen 80", f"listen {free_port()}")
        text = re.sub(r"\n    listen \[::\].*", "", text)
        (root / "nginx.conf").write_text(
            f"pid {root}/pid;\nerror_log {root}/log;\nevents {{}}\nhttp {{\naccess_log off;\n{text}}}\n"
        )
        assert "test is successful" in run("nginx", "-t", "-c", str(root / "nginx.conf"), "-e", str(root / "log"))


def test_systemd_takes_the_unit_and_rates_it(folder: Path) -> None:
    needed("systemd-analyze", "systemd")
    unit = str(folder / "mailbot.service")
    assert run("systemd-analyze", "verify", unit) == ""
    rated = re.search(
        r"exposure level for mailbot.service: ([0-9.]+)", run("systemd-analyze", "security", "--offline=true", unit)
    )
    assert rated is not None and float(rated[1]) <= 2.0


def test_bind_takes_the_zone(folder: Path) -> None:
    needed("named-checkzone", "bind9-utils")
    zone = folder / "zone"
    head = "$TTL 60\n@ IN SOA mx hostmaster 1 2 3 4 5\n@ IN NS ns.elsewhere.example.\n"
    zone.write_text(head + (folder / "dns.zone").read_text())
    assert run("named-checkzone", "apply.example", str(zone)).endswith("OK\n")


def test_dovecot_takes_its_settings(folder: Path) -> None:
    needed("doveconf", "dovecot-imapd")
    assert "lmtp_hdr_delivery_address = original" in run("doveconf", "-n", "-c", str(folder / "dovecot.conf"))
