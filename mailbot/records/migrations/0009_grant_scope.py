"""Migration 9: the scope of a reply token in columns of its own, in place of special application ids."""

from typing import Any

from peewee import CharField, IntegerField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("reply_token", "scope", CharField(default="application")),
        migrator.add_column("reply_token", "mail_id", IntegerField(null=True)),
        migrator.drop_not_null("reply_token", "application_id"),
        migrator.drop_not_null("reply_token", "revision"),
    )
    # Until now 0 stood for a digest, and -1 for a challenge, whose mail number was in `revision`.
    db.execute_sql(
        "UPDATE reply_token SET scope = 'challenge', mail_id = revision, application_id = NULL, revision = NULL"
        " WHERE application_id = -1"
    )
    db.execute_sql(
        "UPDATE reply_token SET scope = 'digest', application_id = NULL, revision = NULL WHERE application_id = 0"
    )
