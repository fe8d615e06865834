"""How replicas are replaced."""
