"""Migration 12: Message-IDs are no reply tokens any more; answers are counted by the standing of what they answer."""

from typing import Any

from peewee import BooleanField, CharField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("reply_token", "disclosed", BooleanField(default=False)),
        migrator.add_column("outbox", "standing", CharField(default="proven")),
        migrator.add_index("step", ("actor_email",)),
    )
    # Until now the token of a notice was its Message-ID too.  It goes on as a reply address, and what it is about stays
    # known; but whoever has seen a reply or a relay's log can make the address, so it proves its author no longer.
    # A challenge ends within hours, and nothing but its token answers it.
    db.execute_sql("UPDATE reply_token SET disclosed = TRUE WHERE scope <> 'challenge'")
