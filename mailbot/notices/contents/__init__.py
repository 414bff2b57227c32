"""What each notice says, as values; `notices.write` turns them into words."""
