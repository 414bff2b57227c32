"""What every answer of the web role carries: nothing is kept, framed, sniffed or loaded from elsewhere."""

import hmac
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
_FOR_EVER = "max-age=63072000"  # seconds; two years


def secured(response: Response, *, https: bool) -> Response:
    """`response` with the headers of all; over HTTPS also the promise to stay with it."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if https:
        response.headers["Strict-Transport-Security"] = _FOR_EVER
    return response


def page(html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(html, status, headers=dict(headers or {}))


def see(path: str) -> Response:
    """303: the next page is fetched with GET, and going back sends nothing again."""
    return RedirectResponse(path, status_code=303)


def from_our_pages(request: Request) -> bool:
    """Whether a POST comes from a page of this server, as far as the browser says.

    Browsers tell it by Sec-Fetch-Site.  Older ones have Origin alone, which `Referrer-Policy: no-referrer` makes `null`
    in forms of our own too (Fetch standard, «serialize a request origin»): there, the token in the form has to do.
    """
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    return origin in ("", "null") or origin.partition("://")[2] == request.headers.get("host", "")


def same(given: object, expected: str) -> bool:
    """Constant-time."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())
