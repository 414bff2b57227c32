"""Migration 24: indexes for what is read every minute, with every mail, or for a list, from a long history."""

from typing import Any

_INDEXES = (
    ("application", ("view_last",)),
    ("application", ("submitted_at",)),
    ("application", ("decided_at",)),
    ("step", ("actor_email", "at")),
    ("inbox", ("disposition", "reason")),
    ("inbox", ("received_at",)),
    ("mail_log", ("at",)),
    ("mail_log", ("disposition",)),
)
_REPLACED = (("step", "step_actor_email"),)  # by the index that begins with the same column


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(*(migrator.add_index(table, columns, False) for table, columns in _INDEXES))
    migrator.migrate(*(migrator.drop_index(table, name) for table, name in _REPLACED))
    # Those whose contract change is still to be made: of all that have a 利用開始日 a few.
    db.execute_sql("CREATE INDEX application_to_start ON application (start_date) WHERE in_effect_at IS NULL")
