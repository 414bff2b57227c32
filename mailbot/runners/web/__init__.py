"""The web server: log-in of offices, ID通知内容, and the health check.  It contains no rules of the desk."""
