"""Who issues access tokens: the smallest such service, which Dovecot asks whether a token is good.

A stand-in for Microsoft's and Google's, which no test can ask.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Tokens:
    """The tokens that are good now, each with whose it is."""

    def __init__(self) -> None:
        self.good: dict[str, str] = {}
        good = self.good

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner = good.get(parse_qs(urlsplit(self.path).query)["access_token"][0])
                self.send_response(200 if owner else 401)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps({"email": owner} if owner else {"error": "invalid_token"}).encode())

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/tokeninfo?access_token="
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
