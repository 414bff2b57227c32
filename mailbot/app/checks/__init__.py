"""The checks of a set-up, for `mailbot doctor` and the running desk: what is wrong, and what to do about it.

A check is a function that looks at the `Surroundings` and yields `Problem`s; it stands in the table `run.CHECKS`.  What
is said about each code, and how bad it is, stands in `kinds.py`.  A check changes nothing.
"""
