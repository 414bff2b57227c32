"""A machine of the test's own: a copy-on-write copy of this one, booted by systemd-nspawn with a real systemd, and no network.

What runs in it changes nothing outside, and ends with it: its mounts are in a mount namespace of its own.
"""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.testkit.servers import needed, server_folder
from tests.testkit.waiting import until

SOURCE = Path(__file__).parents[2]
# An overlay cannot have its upper layer below its lower one: it is on a tmpfs.  Services of this machine do not start.
BOOT = """
set -e
mount -t tmpfs -o mode=0755 machine "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
rm -rf root/etc/systemd/system/*.wants root/etc/systemd/system/mailbot.service root/opt/mailbot root/var/lib/mailbot
rm -f root/etc/resolv.conf root/usr/local/bin/mailbot
echo nameserver 127.0.0.1 > root/etc/resolv.conf
echo 0123456789abcdef0123456789abcdef > root/etc/machine-id
shift
exec systemd-nspawn --quiet --directory root --private-network --register=no --keep-unit --resolv-conf=off \\
  --console=pipe --boot "$@" systemd.unit=basic.target
"""
LIBRARIES = "/opt/tested-libraries"  # in the machine: those of the interpreter that runs the tests


class Machine:
    """The running machine.  `init`: its first process."""

    def __init__(self, init: int) -> None:
        self.init = init

    def inside(self, *words: str, only: tuple[str, ...] = ()) -> list[str]:
        """The command line that runs `words` in it; `only`: in these of its namespaces, such as --net."""
        return ["nsenter", "--target", str(self.init), *(only or ("--all",)), *words]

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A script for bash, as root in /root; output and errors are one text, with each command before it is run."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        return subprocess.run(
            self.inside("bash", "-exc", script),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={**environment, "LANG": "C.UTF-8", **variables},
        )

    @contextmanager
    def name_server(self, zone: str = "") -> Iterator[None]:
        """A name server on its port 53 with the records of a zone file, and no others."""
        words = self.inside(sys.executable, "-m", "tests.testkit.mail_domains", only=("--net",))
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=SOURCE) as process:
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(zone)
                process.stdin.close()
                assert process.stdout.readline() == "answers\n"
                yield
            finally:
                process.kill()


@contextmanager
def machine() -> Iterator[Machine]:
    """Boot one, with the source in /usr/local/src/mailbot."""
    needed("systemd-nspawn", "systemd-container")
    version = "import sys; print(sys.version_info[:2])"
    debian = subprocess.run(["/usr/bin/python3", "-c", version], capture_output=True, text=True, check=False).stdout
    if debian.strip() != str(sys.version_info[:2]):
        pytest.skip(f"libraries of Python {sys.version_info[:2]} are not those of Debian's: {debian.strip() or 'none'}")
    if subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces of its own can be made here (root): not tried on a machine of its own")
    binds = [f"--bind-ro={SOURCE}:/usr/local/src/mailbot", f"--bind-ro={sysconfig.get_path('purelib')}:{LIBRARIES}"]
    with server_folder() as root, (root / "log").open("w") as log:
        words = ["unshare", "--mount", "--propagation", "private", "bash", "-c", BOOT, "machine", str(root), *binds]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until(lambda: process.poll() is not None or bool(_children(process.pid)), "systemd-nspawn starts")
            until(lambda: process.poll() is not None or _is_up(process.pid), "the machine has booted", seconds=60)
            if process.poll() is not None:  # no right to mount an overlay, or to make cgroups
                pytest.skip(f"a machine of its own cannot be booted here: {(root / 'log').read_text()[-500:]}")
            yield Machine(_children(process.pid)[0])
        finally:
            for child in _children(process.pid):
                os.kill(child, 9)  # all that runs in it ends with its first process
            process.wait(30)


def _children(process: int) -> list[int]:
    """The processes that were started by one, those of systemd-nspawn alone."""
    if Path(f"/proc/{process}/comm").read_text() != "systemd-nspawn\n":
        return []
    done = subprocess.run(["pgrep", "--parent", str(process)], capture_output=True, text=True, check=False)
    return [int(one) for one in done.stdout.split()]


def _is_up(process: int) -> bool:
    children = _children(process)
    asked = Machine(children[0]).inside("systemctl", "is-system-running") if children else ["false"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip() in ("running", "degraded")
