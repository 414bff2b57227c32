"""The replies of the SMTP server: each with an enhanced status code (RFC 3463) and a clear text."""

REPLIES = {
    "too_large": "552 5.3.4 The message is too large for this desk ({limit} MB). Please send it without attachments",
    "line_too_long": "500 5.6.0 A line of the message is too long (limit 100,000 octets)",
    "bad_address": "553 5.1.3 This is not a valid mail address",
    "bad_sender": "553 5.1.7 This is not a valid sender address: {problem}",
    "not_ours": "550 5.1.1 This desk has no such address. Please write to {desk}",
    "bad_token": "550 5.1.1 This reply address is not valid (any more). Please write to {desk}",
    "too_many_recipients": "452 4.5.3 Too many recipients",
    "bare_line_break": "550 5.6.0 The message contains a bare CR, a bare LF or a NUL (RFC 5321 section 2.3.8)",
    "store_busy": "451 4.3.0 The mail could not be stored safely just now. Please try again later",
    "store_full": "452 4.3.1 The desk has too little disk space at the moment. Please try again later",
    "no_memory": "452 4.3.1 The desk receives too many large messages at the moment. Please try again later",
    "too_many_connections": "421 4.7.0 Too many connections. Please try again later",
    "too_many_of_address": "421 4.7.0 Too many connections from your network. Please try again later",
    "too_many_errors": "421 4.7.0 Too many errors in this session",
    "not_smtp": "421 4.7.0 This is an SMTP server, not a web server",
    "too_many_commands": "421 4.7.0 Too many commands. Please try again later",
    "idle_too_long": "421 4.4.2 All connections are in use, and this one was idle. Please try again later",
    "timed_out": "421 4.4.2 Nothing was received for too long. Please try again later",
    "too_slow": "421 4.4.2 The message arrives too slowly. Please try again later",
    "session_too_long": "421 4.4.2 This session has taken too long. Please try again later",
    "stopping": "421 4.3.2 The desk is stopping. Please try again later",
    "stored": "250 2.0.0 Stored safely as #{number}",
}
# Replies of aiosmtpd that are replaced by one of REPLIES.
REPLACED = {
    b"552 Error: message size exceeds fixed maximum message size": "too_large",
    b"553 5.1.3 Error: malformed address": "bad_address",
}
