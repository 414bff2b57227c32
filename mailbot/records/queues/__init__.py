"""The durable queues: mail that has arrived, mail that is to go out."""
