"""Generic directed acyclic graphs."""
