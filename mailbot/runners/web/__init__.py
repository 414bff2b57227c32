"""The web role: log-in of offices, ID通知内容, and whether the desk is well.  No rules in here."""
