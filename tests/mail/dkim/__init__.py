"""Tests of mail.dkim."""
