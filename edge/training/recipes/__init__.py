"""How each row of the comparison is trained."""
