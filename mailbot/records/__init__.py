"""The persistence layer: the only package with SQL.  Queries return values of `mailbot.model`, never database rows."""
