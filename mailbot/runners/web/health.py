"""`/healthz`, `/readyz` and `/metrics`, on a listener of their own: clients of the pages cannot keep a monitor out."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mailbot.runners.metrics import CONTENT_TYPE

Handler = Callable[[Request], Awaitable[Response]]


class Watched(Protocol):
    """What knows how the desk is."""

    async def problems(self) -> list[str]: ...
    def findings(self) -> list[str]: ...
    async def metrics(self) -> bytes: ...


def health_app(desk: Watched) -> Starlette:
    """The ASGI application.

    `/healthz`: 200 `ok` as long as the process lives; it asks nobody.  `/readyz`: 200 `ready`, or 503 with what is
    wrong, one problem a line; after either, what the last hourly checks have found broken, as lines `finding: …`.
    `/metrics`: Prometheus' text format.
    """

    async def health(request: Request) -> Response:
        del request
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        del request
        problems = await desk.problems()
        findings = [f"finding: {one}" for one in await run_in_threadpool(desk.findings)]
        return PlainTextResponse("\n".join([*(problems or ["ready"]), *findings]) + "\n", 503 if problems else 200)

    async def metrics(request: Request) -> Response:
        del request
        return Response(await desk.metrics(), media_type=CONTENT_TYPE)

    handlers: dict[str, Handler] = {"/healthz": health, "/readyz": ready, "/metrics": metrics}
    app = Starlette(routes=[Route(path, handler, methods=["GET"]) for path, handler in handlers.items()])
    app.router.redirect_slashes = False
    return app
