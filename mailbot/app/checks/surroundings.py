"""What the checks look at: the configuration, the store as it can be read, the time, and who runs the desk."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mailbot.clock import SystemClock
from mailbot.config import Config
from mailbot.errors import MailbotError
from mailbot.records.database import Store
from mailbot.records.database.read_only import open_read_only

if TYPE_CHECKING:
    from mailbot.runners.access_tokens import AccessTokens


@dataclass(frozen=True)
class Surroundings:
    """`store` is None when it cannot be read: then `store_error` says why.

    `running`: whether these checks are those of a running desk, to which ports and locks belong; `user_id`: of the user
    who runs it; `tried`: the paths at which a configuration file was looked for, when there was none; `reads_all`:
    whether a large database is read from one end to the other, too.
    """

    config: Config
    path: Path | None
    now: datetime
    user_id: int
    store: Store | None = None
    store_error: MailbotError | None = None
    running: bool = False
    tried: Sequence[Path] = ()
    reads_all: bool = False

    @property
    def domain(self) -> str:
        """The domain of the desk's address."""
        return self.config.desk.address.rpartition("@")[2].lower()

    @cached_property
    def tokens(self) -> "AccessTokens | None":
        """The access tokens of the mailbox, apart from those of the running desk: one is requested for all checks."""
        from mailbot.app.wiring import tokens_of

        return tokens_of(self.config, SystemClock())


@contextmanager
def read_only_surroundings(
    config: Config,
    path: Path | None,
    now: datetime,
    user_id: int,
    *,
    tried: Sequence[Path] = (),
    reads_all: bool = False,
) -> Iterator[Surroundings]:
    """Those of a configuration, with its store open to be read until the block ends."""
    store, error = None, None
    try:
        key_file = config.resolve(config.store.token_key_file)
        store = open_read_only(config.store.url, config.base, key_file=key_file)
    except MailbotError as caught:
        error = caught
    try:
        yield Surroundings(config, path, now, user_id, store, error, tried=tried, reads_all=reads_all)
    finally:
        if store is not None:
            store.close()
