"""Run by Roundup's own Python: hands mails to its mail gateway, each of which becomes an issue and a notification.

    python roundup_mails.py TRACKER

Each line on standard input is the path of a JSON list of mails; `done` answers it when all are in the database.
"""

import json
import sys
from email import message_from_string
from pathlib import Path

import roundup.instance
from roundup.mailgw import MailGW, RoundupMessage
from roundup.scripts.roundup_mailgw import parse_arguments

tracker = roundup.instance.open(sys.argv[1])
_, arguments = parse_arguments(["roundup-mailgw", sys.argv[1]])
print("ready", flush=True)
for line in sys.stdin:
    for text in json.loads(Path(line.strip()).read_text(encoding="utf-8")):
        MailGW(tracker, arguments).handle_Message(message_from_string(text, RoundupMessage))
    print("done", flush=True)
