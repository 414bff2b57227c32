"""Tests of mail.dmarc."""
