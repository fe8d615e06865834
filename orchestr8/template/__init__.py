"""Jinja2 with lazy scopes, trust and places."""
