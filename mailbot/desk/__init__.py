"""What is done with one mail, one knock or one command: one transaction each.  `reception.handle` is the way in."""
