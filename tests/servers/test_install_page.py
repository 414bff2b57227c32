"""docs/how-to/install.md, word by word: on a machine of its own with a real systemd, Postfix, nginx, and mailboxes."""

import re
from pathlib import Path

import pytest

from mailbot.cli import COMMANDS
from tests.testkit.certificates import certificate
from tests.testkit.machine import LIBRARIES, SOURCE, Machine, machine
from tests.testkit.servers import needed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAGE = (SOURCE / "docs/how-to/install.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
# The machine has no network: its packages are those of this one, pip installs what is tested beside its libraries, and
# mail to others waits.
NO_NETWORK = """
export PIP_NO_INDEX=1 PIP_NO_DEPS=1 PIP_NO_BUILD_ISOLATION=0 PIP_IGNORE_INSTALLED=1 PIP_DISABLE_PIP_VERSION_CHECK=1
postconf -e 'default_transport = retry:no network'
apt-get() { if [ "$1" = install ]; then shift; dpkg-query --show $(printf '%s\\n' "$@" | grep -v ^-); fi; }
"""
VENV = "python3 -m venv /opt/mailbot\n"
BESIDE = f"echo {LIBRARIES} > $(echo /opt/mailbot/lib/python3.*/site-packages)/tested.pth\n"
# A postponed mail comes again after two minutes, which a machine with other work to do may need.
WAITS, PATIENT = "$(seq 60)", "$(seq 300)"
# What section 6 says in words: a register, the pages, and the check.  The records are published outside.
DESK = next(line for block in BLOCKS for line in block.splitlines() if line.startswith("desk()"))
WEB = "cp /var/lib/mailbot/setup/nginx.conf /etc/nginx/sites-enabled/mailbot"
CERTIFICATE = "/etc/letsencrypt/live/mx.desk.agency.example"
WORLD = f"""
{DESK}
desk register import /usr/local/src/mailbot/mailbot/sample/register.toml
mkdir -p {CERTIFICATE}
cat > {CERTIFICATE}/privkey.pem <<< "$PEM"
cp {CERTIFICATE}/privkey.pem {CERTIFICATE}/fullchain.pem
ip address add 192.0.2.7/32 dev lo
rm -f /etc/nginx/sites-enabled/*
{WEB}
systemctl restart nginx
"""
CHECK = re.findall(r"^ +mailbot quickstart --check .*$", PAGE, re.M)


def test_the_page_installs_a_desk(tmp_path: Path) -> None:
    for program, package in {"postfix": "postfix", "swaks": "swaks", "nginx": "nginx-light"}.items():
        needed(program, package)
    script = "".join(BLOCKS)
    assert VENV in script and WAITS in script and f"`{WEB}`" in PAGE and len(CHECK) == 1
    with machine() as bare:
        with bare.name_server():
            said = typed(bare, NO_NETWORK + script.replace(VENV, VENV + BESIDE).replace(WAITS, PATIENT))
        assert len(re.findall(r"^2600001C +審査終了 +NAC001 +パスワード初期化", said, re.M)) == 1, said[-3000:]
        for path in re.findall(r"`(/(?:var/lib/mailbot|etc)/[^`*$ ]*)`", PAGE):
            typed(bare, f"ls {path}")
        certificate(tmp_path / "pem", "mx.desk.agency.example")
        with bare.name_server(typed(bare, "cat /var/lib/mailbot/setup/dns.zone").partition("\n")[2]):
            typed(bare, WORLD, PEM=(tmp_path / "pem").read_text())
            said = typed(bare, CHECK[0].strip(), SSL_CERT_FILE=f"{CERTIFICATE}/fullchain.pem")
            assert re.search("^all of it is so: [0-9]+ checks", said, re.M), said
            assert "no problems found" in typed(bare, f"{DESK}\ndesk doctor")


def typed(bare: Machine, script: str, **variables: str) -> str:
    """What the commands print; each must end without an error."""
    done = bare.run(script, **variables)
    assert done.returncode == 0, done.stdout[-5000:] + bare.run("journalctl --no-pager --lines 40").stdout
    return done.stdout


def test_every_command_that_the_page_names_is_one() -> None:
    named = re.findall(r"(?:^ *|`)(?:mailbot|desk) ([a-z][a-z-]+)", PAGE, re.M)
    assert len(named) > 4 and set(named) <= set(COMMANDS)
