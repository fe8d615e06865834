"""Agentless orchestrator for hosts and container services."""

__version__ = "0.1.0"
