"""The web page of an office: log-in, ID通知内容, and notices to its 管理責任者."""
