"""Every named instant of the kill tests is a function that the program has: a renamed one is found in the everyday tests."""

from tests.testkit.fork_server import POINTS


def test_each_instant_names_a_function() -> None:
    missing = [point for point, (owner, name, _) in POINTS.items() if not callable(getattr(owner, name, None))]
    assert missing == []
