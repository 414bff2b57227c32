"""Messages to the service manager that started the desk: the protocol of sd_notify(3), for systemd and others."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress


class ServiceManager:
    """Sends the state of the service; does nothing when no service manager asked for it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """`environ`: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID as systemd sets them."""
        path = environ.get("NOTIFY_SOCKET", "")
        self._path = f"\0{path[1:]}" if path.startswith("@") else path  # an abstract socket (unix(7))
        ours = environ.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        text = environ.get("WATCHDOG_USEC", "")
        self.watchdog_seconds = int(text) / 1_000_000 if ours and text.isdecimal() else 0.0  # 0: there is none
        self._status = ""

    def ready(self) -> None:
        """The service runs: at the start, and after `reloading`."""
        self._send("READY=1")

    def reloading(self) -> None:
        """The configuration is read again; `ready` follows."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """The service ends."""
        self._send("STOPPING=1")

    def moving(self) -> None:
        """The service works: without it for `watchdog_seconds`, the service manager starts it again."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """What `systemctl status` shows; the same text is not sent twice."""
        if text != self._status:
            self._status = text
            self._send(f"STATUS={' '.join(text.split())}")

    def _send(self, state: str) -> None:
        if not self._path:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.connect(self._path)
            channel.sendall(state.encode())
