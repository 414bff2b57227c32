"""Inquiries: what is passed on to a person behind the desk, and that person's answer."""
