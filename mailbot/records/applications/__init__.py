"""Queries on applications: state, history, effects, reply-token grants and reminder keys."""
