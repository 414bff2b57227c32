"""`docs/container/ready`, the health check of the image."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

READY = Path(__file__).parents[2] / "docs/container/ready"


class _Proxy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"from the proxy")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
        """Nothing."""


def test_it_asks_the_desk_and_no_proxy() -> None:
    """The variables of a container reach its health check: a proxy for what the desk requests is none for this."""
    with HTTPServer(("127.0.0.1", 0), _Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        proxy_url = f"http://127.0.0.1:{proxy.server_port}"
        done = subprocess.run(
            [sys.executable, READY], env={"http_proxy": proxy_url}, capture_output=True, text=True, check=False
        )
        proxy.shutdown()
    assert "from the proxy" not in done.stdout
