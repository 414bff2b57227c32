"""The application: makes the desk from its configuration, and starts and stops the runners."""
