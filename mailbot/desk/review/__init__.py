"""What a reviewer is asked and decides, and who deputizes."""
