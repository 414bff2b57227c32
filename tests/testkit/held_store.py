"""A store whose connection another thread uses."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mailbot.records.database import Store


@contextmanager
def held(store: Store) -> Iterator[None]:
    """In the block another thread is in a transaction of `store`."""
    holding, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with store.transaction():
            holding.set()
            let_go.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait()
    try:
        yield
    finally:
        let_go.set()
        thread.join()
