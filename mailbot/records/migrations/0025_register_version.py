"""Migration 25: a version of the register, changed by whatever changes it; values of the store are packed from now on.

A process keeps in memory what it has read of the register, as long as the version is the same.
"""

from typing import Any

_TABLES = (
    "office",
    "contact",
    "user_code",
    "user_id",
    "mailbox",
    "reviewer",
    "absence",
    "schedule",
    "used_number",
)
# A random version, not the next number: after a rollback, or with a standby that has lost the last transactions, a
# number would come again with other content.
_NEW = {"sqlite": "hex(randomblob(16))", "postgresql": "gen_random_uuid()::text"}
_KEYS = (("contact", "key"), ("reviewer", "key"), ("office", "admin_key"))


def up(migrator: Any, db: Any) -> None:
    del migrator
    kind = "sqlite" if db.param == "?" else "postgresql"
    db.execute_sql("CREATE TABLE register_version (version TEXT NOT NULL)")
    db.execute_sql(f"INSERT INTO register_version (version) VALUES ({_NEW[kind]})")
    change = f"UPDATE register_version SET version = {_NEW[kind]}"
    if kind == "postgresql":
        db.execute_sql(
            "CREATE FUNCTION change_register_version() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {change}; RETURN NULL; END $$"
        )
    for table in _TABLES:
        if kind == "postgresql":
            db.execute_sql(
                f"CREATE TRIGGER {table}_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION change_register_version()"
            )
            continue
        for event in ("INSERT", "UPDATE", "DELETE"):
            db.execute_sql(f"CREATE TRIGGER {table}_{event.lower()} AFTER {event} ON {table} BEGIN {change}; END")
    for table, column in _KEYS:  # for addresses that are spelled in another case
        db.execute_sql(f"CREATE INDEX {table}_lower_{column} ON {table} (LOWER({column}))")
