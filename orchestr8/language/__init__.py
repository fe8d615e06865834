"""Reads YAML files into typed syntax, every value with its place."""
