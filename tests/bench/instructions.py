"""How many instructions one `account/usage/read` takes, counted by callgrind, against a generous bound.

Counts do not depend on the machine's speed or load. The difference of two runs leaves out what the start
costs. Usage: instructions.py QUOTAD
"""
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile

# Measured: see docs/performance.md. A change that takes half as much again is worth a look.
MOST_PER_READ = 900_000
MOST_AT_START = 40_000_000
PATIENCE_SEC = 120
FEW, MANY = 50, 250


def count(quotad, home, reads):
    """Instructions of a whole run with so many reads, one at a time."""
    server = subprocess.Popen(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", quotad, "app-server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "CODEX_HOME": home,
            "QUOTAD_STATE_HOME": os.path.join(home, "state"),
            "CODEX_ACCESS_TOKEN": "",
        },
    )

    def ask(number, method, params):
        message = {"id": number, "method": method, "params": params}
        server.stdin.write(json.dumps(message).encode() + b"\n")
        server.stdin.flush()
        ready, _, _ = select.select([server.stdout], [], [], PATIENCE_SEC)
        assert ready, "the server is silent"
        answer = json.loads(server.stdout.readline())
        assert answer["id"] == number and "result" in answer, answer

    ask(1, "initialize", {"clientInfo": {"name": "t", "version": "1"}})
    for number in range(reads):
        ask(2 + number, "account/usage/read", {})
    server.stdin.close()
    errors = server.stderr.read().decode()
    assert server.wait() == 0, errors
    return int(re.search(r"Collected : (\d+)", errors).group(1))


def main(quotad):
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed; ./dev test installs it")
        return 77
    with tempfile.TemporaryDirectory(prefix="instructions-") as folder:
        home = os.path.join(folder, "home")
        simulate = subprocess.Popen(
            [quotad, "simulate", "--port", "0", "--write-home", home], stdout=subprocess.PIPE
        )
        try:
            assert b"simulating" in simulate.stdout.readline()
            few = count(quotad, home, FEW)
            many = count(quotad, home, MANY)
        finally:
            simulate.kill()
            simulate.wait()
    per_read = (many - few) // (MANY - FEW)
    at_start = few - FEW * per_read
    print(f"{per_read:,} instructions a read (at most {MOST_PER_READ:,}), "
          f"{at_start:,} for start and end (at most {MOST_AT_START:,})")
    return 0 if per_read <= MOST_PER_READ and at_start <= MOST_AT_START else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
