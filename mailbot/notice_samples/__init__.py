"""Invented applications in every state, and every notice and page that can be written about them.

Templates are proven with them (`app/template_proof.py`), previewed, and tested.  Persons and companies do not exist.
"""
