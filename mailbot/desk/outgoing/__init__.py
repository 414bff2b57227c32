"""From an outcome to mails in the outbox."""
