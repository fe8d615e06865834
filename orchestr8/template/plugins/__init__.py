"""Filters, tests and lookups in Python that playbooks, roles and collections bring."""
