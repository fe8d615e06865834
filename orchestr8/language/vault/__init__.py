"""Ansible's vault: its text form, its cipher, and the passwords that open it."""
