"""The desk beside other mail servers and ticket systems, in one run: `python -m bench.rivals`."""
