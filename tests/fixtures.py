"""The fixtures that tests of more than one folder use."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx
import pytest
import structlog
import uvicorn.server
from argon2 import PasswordHasher
from jinja2 import BaseLoader, FileSystemBytecodeCache

from mailbot.desk.website import attempts
from mailbot.mail.dkim import sign
from mailbot.notices import render
from mailbot.notices.template_environment import SplitEnvironment
from mailbot.records.database import open_store
from mailbot.records.secrets import vault
from mailbot.register_files import register_data
from tests.testkit.desk import DeskUnderTest, Person, open_desk_under_test
from tests.testkit.dovecot import dovecot
from tests.testkit.new_stores import copied_stores
from tests.testkit.postfix import postfix
from tests.testkit.postgres import Postgres, postgres_server
from tests.testkit.records import URL
from tests.testkit.running_desk import start

__all__ = ["dovecot", "postfix", "postgres_server", "start"]

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def cheap_cryptography() -> Iterator[None]:
    """No test looks at what cryptography costs.

    Argon2id and scrypt have their least parameters, a DKIM key is checked once, and the certificates that httpx trusts
    are read once.
    """
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    with (
        patch.object(attempts, "PasswordHasher", cheap),
        patch.object(register_data, "PasswordHasher", cheap),
        patch.dict(vault._SCRYPT, n=2),
        patch.object(sign, "load_pem_private_key", cache(sign.load_pem_private_key)),
        patch("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context)),
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def loggers_made_anew() -> Iterator[None]:
    """A logger that is kept logs as an earlier test has configured it, and `capture_logs` misses it."""
    configure = structlog.configure

    def without_cache(**how: Any) -> None:
        configure(**how | {"cache_logger_on_first_use": False})

    with patch.object(structlog, "configure", without_cache):
        yield


@pytest.fixture(scope="session", autouse=True)
def web_servers_stop_soon() -> Iterator[None]:
    """uvicorn looks every tenth of a second whether to stop, and whether what it has stopped is over."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / 10)

    with patch.object(uvicorn.server, "asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": sleep})):
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Templates are compiled once in a run: by the first process that needs them, for every folder of a desk."""
    run = tmp_path_factory.getbasetemp()
    run = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run
    make = render._environment
    assert not render._environments.cache_info().currsize, "made while tests were collected: those would not be shared"

    def environment(own: Sequence[Path], loader: BaseLoader, *, html: bool) -> SplitEnvironment:
        made = make(own, loader, html=html)
        for one in (made, made.sandbox):
            # What is escaped is compiled in, and what is sandboxed.
            folder = run / f"{type(one).__name__}-{'html' if html else 'text'}"
            folder.mkdir(exist_ok=True)
            one.bytecode_cache = FileSystemBytecodeCache(str(folder))
        return made

    with patch.object(render, "_environment", environment):
        yield


@pytest.fixture(scope="module", autouse=True)
def new_stores_are_copied() -> Iterator[None]:
    """Also those that commands make; the tests of records/ migrate all of theirs."""
    with copied_stores():
        yield


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """A `store.url`, once for each database: what holds for one holds for the other."""
    if request.param == "sqlite":
        yield URL
        return
    server, template = request.getfixturevalue("postgres_template")
    url = server.database(template)
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[Postgres, str]:
    """An empty store to make others from."""
    url = postgres_server.database()
    open_store(url, tmp_path_factory.mktemp("template"), create=True).close()
    return postgres_server, url.rpartition("/")[2]


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[DeskUnderTest]:
    """A desk with the sample register, on Friday 2026-11-20, 10:00 in Tokyo."""
    desk = open_desk_under_test(tmp_path, url=database)
    yield desk
    desk.store.close()


@pytest.fixture
def taro(desk: DeskUnderTest) -> Person:
    """申込担当者 of NAC001."""
    return desk.person("通関 太郎", "taro@naxtrade.example")


@pytest.fixture
def hanako(desk: DeskUnderTest) -> Person:
    """管理責任者 of NAC001."""
    return desk.person("管理 花子", "hanako@naxtrade.example")


@pytest.fixture
def ichiro(desk: DeskUnderTest) -> Person:
    """Reviewer of every category."""
    return desk.person("審査 一郎", "ichiro@desk.example")


@pytest.fixture
def ryoko(desk: DeskUnderTest) -> Person:
    """Reviewer of category C."""
    return desk.person("審査 良子", "ryoko@desk.example")


@pytest.fixture
def shared_mail() -> Path:
    """The real mails beside the project; the test is skipped, loudly, where they are not there."""
    folder = SHARED / "mail"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} is missing: the corpus of real mails is expected beside the project in CI")
        pytest.skip(f"{folder} is missing: no real mails to read")
    return folder
