"""`mailbot demo`: a real desk on loopback, and people who write to it."""
