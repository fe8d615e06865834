"""Stands in for the few modules of Ansible that plugins import, where Ansible itself is not installed."""
