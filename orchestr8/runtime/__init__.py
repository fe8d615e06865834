"""How containers on a host are driven: Docker, memory."""
