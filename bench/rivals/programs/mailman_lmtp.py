"""Run by Mailman's own Python: its LMTP runner with one list, desk@desk.example.

    python mailman_lmtp.py CONFIGURATION

An accepted mail is a file in the queue `in`, synced (mailman/core/switchboard.py); no other runner takes it from there.
"""

import sys

from mailman.core.initialize import initialize

initialize(sys.argv[1])

from mailman.app.lifecycle import create_list  # noqa: E402
from mailman.database.transaction import transaction  # noqa: E402
from mailman.interfaces.domain import IDomainManager  # noqa: E402
from mailman.runners.lmtp import LMTPRunner  # noqa: E402
from zope.component import getUtility  # noqa: E402

with transaction():
    getUtility(IDomainManager).add("desk.example")
    create_list("desk@desk.example", ["owner@desk.example"])
LMTPRunner("lmtp").run()
