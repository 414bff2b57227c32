"""Puts the parts together: from the configuration to a running desk."""
