"""Migration 35: indexes for the desk's pages: words by blocks of rows, mails of an office, readers of an inquiry.

In PostgreSQL the index for words is made anew (`records.log.search_blocks`): a minute for some 100,000 mails.
"""

from typing import Any

# As in records.log.search_blocks: each row also has the blocks of three sizes that it belongs to.
_BLOCKS = "ARRAY[-1 - row_id / 2048, -1099511627777 - row_id / 32768, -2199023255553 - row_id / 524288]"


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_index("reply_token", ("mail_id",), False),
        migrator.add_index("mail_log", ("office", "id"), False),
        migrator.drop_index("mail_log", "mail_log_office"),  # begins with the same column
    )
    for column in ("sender", "recipient"):  # of mails about no office
        name = f"mail_log_{column}_of_none"
        db.execute_sql(f"CREATE INDEX {name} ON mail_log (LOWER({column}), id) WHERE LENGTH(office) = 0")
    if db.param != "?":  # PostgreSQL
        db.execute_sql("DROP INDEX log_search_grams")
        # Without fastupdate: what waits in its list would be read by each query.
        indexed = f"array_cat(grams, {_BLOCKS})"
        db.execute_sql(f"CREATE INDEX log_search_grams ON log_search USING gin ({indexed}) WITH (fastupdate = off)")
