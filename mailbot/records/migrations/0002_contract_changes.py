"""Migration 2: effects, used numbers, start days, reminder keys and digest lines; 利用開始日 of an application."""

from typing import Any

from peewee import AutoField, CharField, DateField, ForeignKeyField, IntegerField, Model, TextField


class ApplicationRow(Model):
    id = AutoField()

    class Meta:
        table_name = "application"
        legacy_table_names = False


class EffectRow(Model):
    id = AutoField()
    application = ForeignKeyField(ApplicationRow)
    kind = CharField()
    content = TextField()

    class Meta:
        table_name = "effect"
        legacy_table_names = False


class UsedNumberRow(Model):
    id = AutoField()
    scope = CharField()
    number = CharField()

    class Meta:
        table_name = "used_number"
        legacy_table_names = False
        indexes = ((("scope", "number"), True),)


class ScheduleRow(Model):
    start = DateField(primary_key=True)
    deadline = DateField()

    class Meta:
        table_name = "schedule"
        legacy_table_names = False


class ReminderRow(Model):
    id = AutoField()
    key = CharField(unique=True)
    at = CharField()

    class Meta:
        table_name = "reminder"
        legacy_table_names = False


class DigestLineRow(Model):
    id = AutoField()
    token_id = CharField(index=True)
    application_id = IntegerField()
    revision = IntegerField()

    class Meta:
        table_name = "digest_line"
        legacy_table_names = False


NEW = (EffectRow, UsedNumberRow, ScheduleRow, ReminderRow, DigestLineRow)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((ApplicationRow, *NEW)):
        db.create_tables(NEW)
    migrator.migrate(
        migrator.add_column("application", "start_date", DateField(null=True, index=True)),
        migrator.add_column("application", "in_effect_at", CharField(null=True)),
        migrator.add_column("application", "contract_lines", TextField(null=True)),
    )
    # What the register holds already has been used.
    db.execute_sql(
        "INSERT INTO used_number (scope, number) SELECT DISTINCT user_code.code, user_id.number "
        "FROM user_id JOIN user_code ON user_id.user_code_id = user_code.id"
    )
    db.execute_sql(
        "INSERT INTO used_number (scope, number) SELECT office_id, substr(id, length(office_id) + 1) FROM mailbox"
    )
