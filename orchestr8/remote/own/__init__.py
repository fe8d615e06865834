"""What modules of users import as `ansible.module_utils`: our own, of the same names and behaviour.

Runs on hosts, and as far as plugins on the controller need it, there too.
"""
