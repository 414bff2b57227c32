"""This machine's name."""

import socket


def machine_name() -> str:
    """Its name in DNS, or the one that it has itself."""
    try:
        return socket.getfqdn()
    except UnicodeError:  # a label of more than 63 octets, as some containers have
        return "localhost"
