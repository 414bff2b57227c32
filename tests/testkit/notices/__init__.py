"""Samples of every notice (of the program itself), and readers of what they are written to."""

from mailbot.notice_samples import all_samples, samples, samples_of_changes, samples_of_inquiries

__all__ = ["all_samples", "samples", "samples_of_changes", "samples_of_inquiries"]
