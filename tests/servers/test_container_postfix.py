"""docs/container/postfix-start in a real Postfix: whose mail it takes, from where."""

import re

import pytest

from tests.testkit.machine import machine
from tests.testkit.servers import needed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

# Behind the port mapping of a container engine, a client from outside has an address of the inner network.
INNER, OUTER = "10.89.0.1", "198.51.100.7"
START = f"""
ip address add {INNER}/32 dev lo
ip address add {OUTER}/32 dev lo
sed 's/start-fg/start/; s,/dev/stdout,/var/log/postfix.log,' /usr/local/src/mailbot/docs/container/postfix-start > start
HOST=mx.desk.agency.example DESK=desk.2@desk.agency.example sh start
"""
AT = "desk.agency.example"
# Port, address of the client, recipient → the reply to RCPT.  450: the desk, which does not run here, would be asked.
REPLIES = {
    (25, INNER, "taro@naxtrade.example"): 554,
    (25, OUTER, "taro@naxtrade.example"): 554,
    (25, OUTER, f"desk.2@{AT}"): 450,
    (25, OUTER, f"desk.2+a.token@{AT}"): 450,
    (25, INNER, f"desk.2-bounces+a.token@{AT}"): 450,
    (25, OUTER, f"postmaster@{AT}"): 450,
    (25, OUTER, f"deskx2@{AT}"): 550,
    (25, OUTER, f"xdesk.2@{AT}"): 550,
    (25, OUTER, f"desk.2@x.{AT}"): 550,
    (2500, INNER, "taro@naxtrade.example"): 250,
    (2500, OUTER, "taro@naxtrade.example"): 554,
    (2500, OUTER, f"desk.2@{AT}"): 554,
}


def test_it_relays_for_the_desk_alone() -> None:
    needed("swaks", "swaks")
    needed("postfix", "postfix")
    with machine() as bare, bare.name_server("desk. 60 IN A 127.0.0.1\n"):
        started = bare.run(START)
        assert started.returncode == 0, started.stdout
        found = {}
        for port, client, recipient in REPLIES:
            said = bare.run(
                f"swaks --server 127.0.0.1:{port} --local-interface {client} --from a@b.example --to {recipient} --quit-after RCPT"
            ).stdout
            found[port, client, recipient] = int((re.findall(r"RCPT TO.*\n<[-*]* +(\d+)", said) or ["0"])[-1])
        assert found == REPLIES
