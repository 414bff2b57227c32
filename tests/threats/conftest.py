"""A running desk, as a fixture."""

from tests.runners.conftest import start

__all__ = ["start"]
