"""The floor: connect to every host, start python3, answer one small call a task; nothing else is done.

No tool that works over SSH can be faster on the same machine. Usage: floor.py KEY PORT USER CALLS HOST...
"""

import sys
import threading

import paramiko

ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.buffer.flush()"


def visit(host: str, port: int, user: str, key: paramiko.PKey, calls: int) -> None:
    """Connect, start the echo and exchange so many lines."""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        host, port, user, pkey=key, allow_agent=False, look_for_keys=False, timeout=60, banner_timeout=60
    )
    stdin, stdout, _ = client.exec_command(f"exec python3 -S -c '{ECHO}'")
    for _ in range(calls):
        stdin.write(b"x\n")
        stdin.flush()
        stdout.readline()
    client.close()


def main() -> None:
    """Visit all hosts, 50 at a time."""
    key_file, port, user, calls, *hosts = sys.argv[1:]
    key = paramiko.Ed25519Key.from_private_key_file(key_file)
    gate = threading.Semaphore(50)

    def one(host: str) -> None:
        with gate:
            visit(host, int(port), user, key, int(calls))

    threads = [threading.Thread(target=one, args=(host,)) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
