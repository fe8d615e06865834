"""Walks the task graph and carries out its steps."""
