"""What an applicant does: submit, save, correct, withdraw."""
