"""The changes of the tables, in order; applied by peewee's own runner when the store is opened."""
