"""A running desk on loopback, and a mail server for its people."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailbot.app.context import open_desk
from mailbot.app.server import DeskServer
from mailbot.clock import Clock, SystemClock
from mailbot.config import Config, load
from mailbot.desk.context import DeskContext
from mailbot.runners.sink import Sink
from tests.testkit.closed_days import closed_days
from tests.testkit.desk import import_sample
from tests.testkit.new_stores import new_store


@dataclass
class Running:
    """What a test talks to; `stop` may be called before the end of the test."""

    config: Config
    context: DeskContext
    service: DeskServer
    port: int
    sink: Sink
    stop: Callable[[], Awaitable[None]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., "asyncio.Future[Running]"]]:
    """Start a desk with `start(smtp={...}, relay={...}, roles=(...))`; it is stopped at the end.

    `sections`: keys of further sections of the configuration; `folder`: of a second desk, for which the first must have
    stopped: the table classes are bound to one store at a time.
    """
    opened: list[AsyncExitStack] = []

    async def run(
        smtp: dict[str, object] | None = None,
        relay: dict[str, object] | None = None,
        roles: tuple[str, ...] = ("smtp", "worker", "sender"),
        sink_port: int = 0,
        web: dict[str, object] | None = None,
        auth: dict[str, object] | None = None,
        clock: Clock | None = None,
        folder: Path = tmp_path,
        **sections: Mapping[str, object],
    ) -> Running:
        sink = Sink()
        port = await sink.start(port=sink_port)
        config = load(None, {})
        config._base = folder
        config = config.model_copy(
            update={
                "calendar": config.calendar.model_copy(update={"closed": [] if clock else closed_days()}),
                "auth": config.auth.model_copy(update=auth or {}),
                "web": config.web.model_copy(update={"port": 0, "health_port": 0, **(web or {})}),
                "smtp": config.smtp.model_copy(update={"port": 0, "hostname": "desk.example", **(smtp or {})}),
                "relay": config.relay.model_copy(update={"host": "127.0.0.1", "port": port, **(relay or {})}),
                **{name: getattr(config, name).model_copy(update=dict(keys)) for name, keys in sections.items()},
            }
        )
        if not opened:  # a second desk of a test has the store of the first
            new_store(config.store.url, tmp_path, import_sample).close()
        async with AsyncExitStack() as desk:
            context = desk.enter_context(open_desk(config))
            desk.push_async_callback(sink.stop)
            service = DeskServer(config, context, clock or SystemClock(), roles)
            listening = await service.start()
            desk.push_async_callback(service.stop)
            to_stop = desk.pop_all()
        opened.append(to_stop)
        return Running(config, context, service, listening.port if listening else 0, sink, to_stop.aclose)

    yield run  # type: ignore[misc]
    for desk in opened:
        await desk.aclose()
