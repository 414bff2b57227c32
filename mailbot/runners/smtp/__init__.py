"""The SMTP server (aiosmtpd): sessions and their limits, the rules of MAIL, RCPT and DATA, replies, refusals."""
