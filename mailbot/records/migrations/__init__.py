"""The migrations of the schema, in order of their names; applied by playhouse.migrations when a store is opened."""
