"""What a reviewer is asked and decides, and who stands in."""
