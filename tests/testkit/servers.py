"""What the private servers share: whether one is installed, its port and its folder."""

import itertools
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Below the ports that Linux gives to outgoing connections (32768 up), which would take one between here and its use.
PORTS = range(20_000, 32_000)
_tried = itertools.count(os.getpid() * 101)  # processes that run tests at once begin at different ports


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    for number in _tried:
        port = PORTS[number % len(PORTS)]
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError


def needed(program: str, package: str) -> None:
    """Skip the test where `program` of Debian's `package` is not installed; in CI that is a failure."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    if shutil.which(program, path=path) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{program} is missing: .ci/run installs {package}")
        pytest.skip(f"{program} is not installed (Debian: {package}): not tried against the real server")
    os.environ["PATH"] = path


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder for a server that runs as another user, which pytest's own folders would not let in; it is removed."""
    with tempfile.TemporaryDirectory(prefix="mailbot-server-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        root.chmod(0o755)
        yield root
