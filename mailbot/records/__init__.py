"""The persistence layer: the only package with SQL.  Queries return values of `mailbot.model`, never database rows."""

from mailbot.records.psycopg_on_demand import import_peewee

import_peewee()  # before any module of this package does
