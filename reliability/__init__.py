"""Tools that prove that the course holds under hard conditions; run them from here."""
