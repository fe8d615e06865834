"""Wiring of the concrete adapters and the sessions that verbs run."""
