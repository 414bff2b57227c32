"""`python -m tests.testkit.bomb_run KIND FOLDER`: a desk in a confined process reads every bomb of a kind.

The limits are those of the worker process; a mail that exceeds one ends the process, as it would end the worker.  Prints one JSON line for each mail before (its name) and after it (what became of it).
"""

import json
import sys
from pathlib import Path

from mailbot.app.context import make_context
from mailbot.app.wiring import limits_of
from mailbot.desk import reception
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.queues import inbox
from mailbot.runners.confinement import confined
from tests.testkit.bomb_texts import BOMBS, SIGNATURES, zones
from tests.testkit.desk import DeskUnderTest, open_desk_under_test
from tests.testkit.mail_domains import signed
from tests.testkit.records import receive
from tests.testkit.strict_desk import mail, strict_desk

HONEST_EVERY = 10  # bombs
AUTHORS = {"registered": b"taro@naxtrade.example", "stranger": b"eve@attack.co.jp"}


def main(kind: str, folder: Path) -> None:
    if kind == SIGNATURES:
        with strict_desk(folder, zones()) as desk:
            tell_all(desk, kind)
    else:
        tell_all(open_desk_under_test(folder), kind)


def tell_all(desk: DeskUnderTest, kind: str) -> None:
    unlimited = dict.fromkeys(("answers_per_hour", "answers_per_day", "changes_per_day"), 10**9)
    config = desk.config.model_copy(update={"desk": desk.config.desk.model_copy(update=unlimited)})
    desk.context = make_context(config, desk.store)
    for number, (name, rest) in enumerate(BOMBS[kind]()):
        for who, author in AUTHORS.items():
            tell(desk, f"{who}: {name}", b"From: %s\r\nMessage-ID: <%d@x>\r\n" % (author, number) + rest, author)
        if number % HONEST_EVERY == 0:
            honest = signed(mail(desk, "taro@naxtrade.example", "status"), "naxtrade.example")
            tell(desk, f"honest: {number}", honest, AUTHORS["registered"])


def tell(desk: DeskUnderTest, name: str, raw: bytes, sender: bytes) -> None:
    report({"began": name})
    envelope = Envelope(sender.decode(), (desk.config.desk.address,))
    receive(desk.store, [Arrival(envelope, raw, Evidence(peer="127.0.0.1"), desk.clock.now())])
    item = inbox.claim(desk.store, desk.clock.now())
    assert item is not None
    item = reception.authenticate(item, desk.clock.now(), desk.context)
    with desk.store.transaction():
        inbox.update_evidence(item.id, item.evidence)
    with confined(limits_of(desk.config), len(raw)):
        outcome = reception.handle(item, desk.clock.now(), desk.context)
    report({"name": name, "became": outcome.disposition.value, "reason": outcome.reason})


def report(line: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
