"""Postfix, Mailman, Roundup and django-helpdesk as private instances: installed from their packages, started, ended.

The last three come from PyPI, pinned with hashes in `requirements/`, each into a virtual environment of its own in the
cache folder, which is used again.  Postfix is Debian's, and its master needs root.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.rivals.counting_sink import CountingSink
from tests.testkit.postfix import make
from tests.testkit.servers import free_port, server_folder

PROGRAMS = Path(__file__).parent / "programs"
REQUIREMENTS = Path(__file__).parent / "requirements"
FROM_PYPI = ("roundup", "django-helpdesk", "mailman")
START_SECONDS = 120

MAILMAN = """\
[mailman]
layout: bench
site_owner: postmaster@desk.example
[paths.bench]
var_dir: {folder}/var
[mta]
incoming: mailman.mta.null.NullMTA
lmtp_host: 127.0.0.1
lmtp_port: {port}
[database]
url: sqlite:///{folder}/mailman.db
"""


class NotInstalled(Exception):
    """What is missing, and how to get it."""


def cache_folder() -> Path:
    """`mailbot-bench` in the user's cache folder (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mailbot-bench"


def _requirements(name: str) -> str:
    return (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")


def _folder(name: str) -> Path:
    return cache_folder() / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"


def install(name: str) -> None:
    """Install `name` from PyPI as pinned, unless that was done.  Raises NotInstalled with what pip says."""
    folder = _folder(name)
    if _is_installed(name):
        return
    shutil.rmtree(folder, ignore_errors=True)
    print(f"installing {name} into {folder}", file=sys.stderr, flush=True)
    venv.create(folder, with_pip=True)
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    command: list[str | Path] = [folder / "bin/pip", "install", *options, "-r", REQUIREMENTS / f"{name}.txt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotInstalled(f"{name}: pip could not install it: {done.stderr.strip()[-500:]}")
    (folder / "installed.txt").write_text(_requirements(name), encoding="utf-8")


def _is_installed(name: str) -> bool:
    mark = _folder(name) / "installed.txt"
    return mark.exists() and mark.read_text(encoding="utf-8") == _requirements(name)


def missing(name: str) -> str:
    """ "" when `name` can be started here, else what is missing."""
    if name == "strace":
        return "" if shutil.which("strace") else "strace is not installed (Debian: strace)"
    if name == "Postfix":
        os.environ["PATH"] += ":/usr/sbin"
        if shutil.which("postfix") is None:
            return "Postfix is not installed (Debian: postfix)"
        return "" if os.getuid() == 0 else "Postfix's master needs root"
    return "" if _is_installed(name) else f"{name} is not installed: python -m bench.rivals installs it"


def version(name: str) -> str:
    """As it is pinned, or as Postfix says."""
    if name == "Postfix":
        return subprocess.run(
            ["postconf", "-dh", "mail_version"], capture_output=True, text=True, check=True
        ).stdout.strip()
    pinned = re.search(rf"^{name}==([\w.]+)", _requirements(name), re.MULTILINE)
    assert pinned
    return pinned[1]


@contextlib.contextmanager
def _running(command: Sequence[str | Path], *, wait: str, **options: object) -> Iterator["subprocess.Popen[str]"]:
    """A process in a group of its own, ended with it.  `wait`: what it prints when it is ready ("": nothing)."""
    process: subprocess.Popen[str] = subprocess.Popen(  # type: ignore[call-overload]
        [str(word) for word in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )
    assert process.stdin and process.stdout
    try:
        if wait and process.stdout.readline().strip() != wait:
            raise RuntimeError(f"{command[0]} did not start")
        yield process
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(30)
        process.stdout.close()


# By default the queue manager makes clients wait for a second when mail comes faster than it is delivered.
POSTFIX = "in_flow_delay = 0\n"


@contextlib.contextmanager
def postfix(wrap: Sequence[str] = ()) -> Iterator[int]:
    """The port of a Postfix that accepts mail to desk.example and then discards it.  `wrap`: a command that runs it."""
    with server_folder() as root:
        server = make(root, {"desk.example": "discard:"}, POSTFIX)
        if not wrap:
            server.start()
            try:
                yield server.port
            finally:
                server.stop()
            return
        with _running([*wrap, "postfix", "-c", root / "etc", "start-fg"], wait="", stderr=subprocess.DEVNULL):
            _listens(server.port)
            try:
                yield server.port
            finally:
                server.stop()


def _listens(port: int) -> None:
    """Until a server on 127.0.0.1 has greeted.  Raises TimeoutError."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            if client.recv(100).startswith(b"220"):
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


@contextlib.contextmanager
def mailman(folder: Path) -> Iterator[int]:
    """The port of Mailman's LMTP runner."""
    port = free_port()
    (folder / "mailman.cfg").write_text(MAILMAN.format(folder=folder, port=port), encoding="utf-8")
    command = [_folder("mailman") / "bin/python", PROGRAMS / "mailman_lmtp.py", folder / "mailman.cfg"]
    with _running(command, wait="", cwd=folder):
        _listens(port)
        yield port


class Processor:
    """A ticket system that processes mails in its own process and sends one notice for each to `sink`."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path, sink: CountingSink) -> None:
        self._process, self._folder, self._sink = process, folder, sink

    def process(self, mails: Sequence[bytes]) -> float:
        """Seconds until all `mails` are stored and their notices have arrived."""
        file = self._folder / "mails.json"
        file.write_text(json.dumps([mail.decode() for mail in mails]), encoding="utf-8")
        assert self._process.stdin and self._process.stdout
        begin, before = time.perf_counter(), self._sink.count
        self._process.stdin.write(f"{file}\n")
        self._process.stdin.flush()
        if self._process.stdout.readline().strip() != "done":
            raise RuntimeError("the process has ended")
        self._sink.wait_for(before + len(mails))
        return time.perf_counter() - begin


@contextlib.contextmanager
def roundup(folder: Path, sink: CountingSink) -> Iterator[Processor]:
    """Roundup's classic tracker on SQLite; the author of a new issue is notified of it."""
    admin, tracker = _folder("roundup") / "bin/roundup-admin", folder / "tracker"
    _quietly(admin, "-i", tracker, "install", "classic", "sqlite")
    settings = {
        ("mail", "host"): "127.0.0.1",
        ("mail", "port"): str(sink.port),
        ("mail", "domain"): "desk.example",
        ("tracker", "email"): "desk",
        ("tracker", "web"): "http://desk.example/",
        ("nosy", "messages_to_author"): "yes",
    }
    configuration = (tracker / "config.ini").read_text(encoding="utf-8")
    for (section, key), value in settings.items():
        pattern = rf"(^\[{section}\]\n(?:(?!\[).*\n)*?)#?{key} = .*\n"
        configuration, found = re.subn(pattern, rf"\g<1>{key} = {value}\n", configuration, count=1, flags=re.MULTILINE)
        assert found, key
    (tracker / "config.ini").write_text(configuration, encoding="utf-8")
    _quietly(admin, "-i", tracker, "initialise", "only-for-a-measurement")
    person = ("username=taro", "address=taro@naxtrade.example", "roles=User", "password=only-for-a-measurement")
    _quietly(admin, "-i", tracker, "create", "user", *person)
    command = [_folder("roundup") / "bin/python", PROGRAMS / "roundup_mails.py", tracker]
    with _running(command, wait="ready") as process:
        yield Processor(process, folder, sink)


@contextlib.contextmanager
def helpdesk(folder: Path, sink: CountingSink) -> Iterator[Processor]:
    """django-helpdesk on SQLite; the submitter of a new ticket gets its notice."""
    command: list[str | Path] = [
        _folder("django-helpdesk") / "bin/python",
        PROGRAMS / "helpdesk_mails.py",
        folder,
        str(sink.port),
    ]
    with _running(command, wait="ready") as process:
        yield Processor(process, folder, sink)


def _quietly(*command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
