"""From the configuration to a running desk."""
