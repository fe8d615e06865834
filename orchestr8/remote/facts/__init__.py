"""Facts: what a host says of itself, read from /proc, /sys and /etc without starting a process."""
