"""Operations on the whole store: backup, copy, retention, consistency check, clock mark."""
