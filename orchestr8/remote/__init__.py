"""Shipped to hosts: standard library only, Python 3.6 and later."""
