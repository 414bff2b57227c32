"""What falls due: start days, lapses, reminders, the digest."""
