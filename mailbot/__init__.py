"""mailbot: an application desk that is run entirely by e-mail.  ARCHITECTURE.md is the map."""

__version__ = "0.1.0"
