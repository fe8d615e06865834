"""How a host is reached: SSH, local, memory."""
