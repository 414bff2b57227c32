"""Files of somebody else than root and the user of the process."""

import os
from pathlib import Path

import pytest

SOMEBODY = 64_123  # a user ID that nobody has


def give_away(path: Path, patch: pytest.MonkeyPatch) -> None:
    """`path` belongs to somebody else.  Only root can give a file away; else this process says it has another user."""
    if os.geteuid() == 0:
        os.chown(path, SOMEBODY, -1, follow_symlinks=False)
    else:
        patch.setattr(os, "geteuid", lambda: SOMEBODY)
