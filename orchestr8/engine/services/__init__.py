"""Brings services to their desired state: observes, asks the deployment core, acts."""
