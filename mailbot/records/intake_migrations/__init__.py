"""The migrations of the schema of the intake store, in order of their names; see `records.migrations`."""
