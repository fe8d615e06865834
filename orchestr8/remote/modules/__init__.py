"""The modules that run on hosts, one file each, named as in playbooks."""
