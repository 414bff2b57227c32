"""The only place with SQL: one file for each noun that is kept; every query returns values of `model`, never rows."""
