"""`mailbot demo`: example applications sent to a real desk on loopback, each step checked."""
