"""Migration 31: when the present content of an application came in, beside its state: the order of what waits."""

from typing import Any

from peewee import CharField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(migrator.add_column("application", "revised_at", CharField(null=True)))
    db.execute_sql(
        "UPDATE application SET revised_at = (SELECT MAX(made_at) FROM revision"
        " WHERE revision.application_id = application.id AND revision.number = application.revision)"
    )
    migrator.migrate(migrator.add_index("application", ("state", "revised_at"), False))
