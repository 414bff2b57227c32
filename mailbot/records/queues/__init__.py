"""Queries on the durable queues: the inbox (received mail) and the outbox (notices to be delivered)."""
