"""The database schema: one peewee model class for each table, and the column types."""
