"""Everything that runs in a loop; no rules in here."""
