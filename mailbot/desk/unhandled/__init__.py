"""Mail that could not be handled: postponed and tried again, or quarantined for an operator."""
