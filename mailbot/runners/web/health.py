"""The health check `/healthz`, on a listener of its own: clients of the pages cannot keep a monitor out."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mailbot.errors import MailbotError
from mailbot.logs import get_logger
from mailbot.records.database import Store

log = get_logger("mailbot.web")


def health_app(store: Store, min_free_bytes: int) -> Starlette:
    """The ASGI application: 200 `ok`, or 503 with what is wrong, one problem a line.

    `min_free_bytes`: below so much free disk space the SMTP server refuses mail.
    """

    async def health(request: Request) -> Response:
        del request
        problems = await run_in_threadpool(problems_of, store, min_free_bytes)
        return PlainTextResponse("\n".join(problems or ["ok"]) + "\n", 503 if problems else 200)

    app = Starlette(routes=[Route("/healthz", health, methods=["GET"])])
    app.router.redirect_slashes = False
    return app


def problems_of(store: Store, min_free_bytes: int, warn: Callable[..., object] = log.warning) -> list[str]:
    """Why the desk cannot receive mail now; each problem is logged with its detail."""
    found = []
    try:
        with store.queue_transaction():  # fails when the store cannot be written
            pass
    except MailbotError as error:
        warn("health-store-unavailable", detail=error.detail)
        found.append("the store cannot be written")
    try:
        free = store.free_bytes()
    except OSError as error:
        warn("health-disk-unknown", detail=str(error))
        free = 0
    if free < min_free_bytes:
        found.append("the disk is full: less than smtp.min_free_bytes are free")
    return found
