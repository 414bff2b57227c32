"""The HTTP client of the demo: uses the web pages as a browser would, with forms and cookies."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
TIMEOUT_SECONDS = 15.0


class Browser:
    """A browser session of one person."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def log_in(self, code: str, password: str) -> str:
        """Log in; returns the next page (HTML).  Raises urllib.error.HTTPError when the log-in fails."""
        return self._fetch("/login", {"code": code, "password": password})

    def show_password(self, receipt: str, user_id: str) -> str:
        """Request one password; returns the page ID通知内容 (HTML)."""
        path = f"/applications/{receipt}"
        found = _CSRF.search(self._fetch(path))
        return self._fetch(path, {"csrf": found[1] if found else "", "user_id": user_id})

    def _fetch(self, path: str, form: dict[str, str] | None = None) -> str:
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self._base_url + path, data)  # noqa: S310 - our own pages
        with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return str(answer.read().decode("utf-8"))
