"""HTTP responses of the web server and their security headers: no caching, framing, sniffing or foreign content."""

import hmac
from collections.abc import Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mailbot.model.notice import Enclosure

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
# A page that shows a page of ours within itself.
WITH_FRAME = {"Content-Security-Policy": f"{_HEADERS['Content-Security-Policy']}; frame-src 'self'"}
# That page, with the HTML of a mail: no request, script, form, plug-in or link leads anywhere, opened alone, too.
STRANGERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'; sandbox",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "SAMEORIGIN",
}
_HSTS = "max-age=63072000"  # seconds: two years (RFC 6797)


def secured(response: Response, *, https: bool) -> Response:
    """Add the security headers to `response`; with `https` also HSTS."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if https:
        response.headers["Strict-Transport-Security"] = _HSTS
    return response


def page(html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A response with a page."""
    return HTMLResponse(html, status, headers=dict(headers or {}))


def attachment(file: Enclosure) -> Response:
    """A file to download, its name in RFC 8187 syntax."""
    parameters = "".join(f"; {name}={value}" for name, value in file.parameters.items())
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
    return Response(file.data, media_type=None, headers=headers | {"Content-Type": file.content_type + parameters})


def redirect(path: str) -> Response:
    """303 See Other: the browser fetches `path` with GET, and going back does not send the form again."""
    return RedirectResponse(path, status_code=303)


def is_same_origin(request: Request) -> bool:
    """Whether a POST comes from a page of this server, by the header fields that the browser sent.

    Browsers send Sec-Fetch-Site; older ones only Origin, which is `null` for our own forms too because of
    `Referrer-Policy: no-referrer` (Fetch standard, «serialize a request origin»): then only the CSRF token protects.
    """
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    return origin in ("", "null") or origin.partition("://")[2] == request.headers.get("host", "")


def equal_secrets(given: object, expected: str) -> bool:
    """Compare in constant time."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())
