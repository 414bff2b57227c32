"""The web page of an office: log-in, ID通知内容, and what its 管理責任者 is told."""
