"""Lowers a playbook to a task graph, as passes."""
