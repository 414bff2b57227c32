"""What a running desk answers to its monitors."""

import urllib.error
import urllib.request


def readyz(port: int) -> tuple[int, str]:
    """Status and text of `GET /readyz`."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
