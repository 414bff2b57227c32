"""`mailbot quickstart`: configuration, keys and service files of a new desk, and whether they are in use."""
