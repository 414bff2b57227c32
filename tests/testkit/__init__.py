"""Helpers of the tests: a desk with its people, private servers, processes to kill, sample values."""
