"""Servers, clients and loops: SMTP, IMAP, web, worker, delivery, scheduler.  They contain no rules of the desk."""
