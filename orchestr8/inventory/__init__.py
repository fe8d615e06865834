"""Hosts, groups, patterns and the variables they carry."""
