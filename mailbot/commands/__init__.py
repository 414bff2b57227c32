"""The commands of the command line, a module for each command or group of commands."""
