"""One file a row: it holds `ROW`, and is found because it is here."""
