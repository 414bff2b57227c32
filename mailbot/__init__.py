"""mailbot: an application desk that is run entirely by e-mail.  ARCHITECTURE.md says where things are."""

__version__ = "0.1.0"
