"""The desk's own pages: what reviewers and operators see and do there.  `table.py` lists them."""
