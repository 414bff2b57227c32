"""A private PostgreSQL on loopback, as the store of several machines: alone, or with a synchronous standby."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.testkit.servers import free_port, server_folder
from tests.testkit.waiting import until

# Fast and forgetful: for tests that do not pull the plug.
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
COMMON = "listen_addresses = '127.0.0.1'\nmax_connections = 60\nlog_min_messages = warning\nmax_wal_size = 256MB\n"
_NUMBERS = count(1)


def programs() -> Path | None:
    """The folder of initdb and its siblings, which Debian keeps out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def as_its_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command] if os.getuid() == 0 else command
    )


@dataclass
class Postgres:
    """One server."""

    root: Path
    settings: str = FORGETFUL
    port: int = field(default_factory=free_port)
    user: str = "mailbot"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def run(self, program: str, *arguments: str) -> str:
        folder = programs()
        assert folder is not None
        done = subprocess.run(
            as_its_user([str(folder / program), *arguments]),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}{self.log()}")
        return done.stdout

    def make(self) -> "Postgres":
        self._own(self.root)
        self.run(
            "initdb", "-D", str(self.data), "-U", self.user, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(COMMON + f"unix_socket_directories = '{self.root}'\n" + self.settings)
        return self

    def standby(self, root: Path, name: str) -> "Postgres":
        """A copy that follows this one as the standby `name`."""
        other = Postgres(root, self.settings)
        self._own(root)
        source = f"host=127.0.0.1 port={self.port} user={self.user} application_name={name}"
        self.run("pg_basebackup", "-D", str(other.data), "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        with (other.data / "postgresql.conf").open("a") as file:
            file.write(f"unix_socket_directories = '{root}'\n")
        return other

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")

    def start(self) -> "Postgres":
        log = str(self.root / "log")
        options = f"-p {self.port}"
        self.run("pg_ctl", "-D", str(self.data), "-l", log, "-o", options, "-w", "-t", "60", "start")
        return self

    def stop(self, mode: str = "immediate") -> None:
        if (self.data / "postmaster.pid").exists():
            self.run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-t", "60", "stop")

    def kill(self) -> None:
        """SIGKILL to every one of its processes, as if the machine were gone."""
        leader = int((self.data / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(
            ["pgrep", "-P", str(leader)], capture_output=True, text=True, check=False
        ).stdout.split()
        for pid in (leader, *map(int, children)):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not self._listens(), "the killed PostgreSQL is gone")
        (self.data / "postmaster.pid").unlink()

    def _listens(self) -> bool:
        try:
            psycopg.connect(
                host="127.0.0.1", port=self.port, user=self.user, dbname="postgres", connect_timeout=2
            ).close()
        except psycopg.OperationalError:
            return False
        return True

    def promote(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "promote")

    def log(self) -> str:
        file = self.root / "log"
        return file.read_text(errors="replace")[-4000:] if file.exists() else ""

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=self.user, dbname=database, autocommit=True
        ) as connection:
            done = connection.execute(statement)  # type: ignore[call-overload]
            return done.fetchall() if done.description else []

    def database(self, template: str = "template1") -> str:
        """A new database's `store.url`."""
        name = f"desk{os.getpid()}_{next(_NUMBERS)}"  # several processes may use one server
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        self.sql(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


def available() -> str:
    """ "" when PostgreSQL can be run here, else what is missing."""
    return "" if programs() else "PostgreSQL is not installed: apt install postgresql"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One for each process that runs tests; each test has a database of its own."""
    if missing := available():
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(f"{missing}; not tried against the real server")
    with server_folder() as root:
        server = Postgres(root / "postgres").make().start()
        yield server
        server.stop()
