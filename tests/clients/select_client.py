"""A terminal widget's way: Python's subprocess and select, with a deadline for each answer."""

import json
import os
import select
import subprocess
import sys

PATIENCE = 60  # seconds; never waited out where all is well

server = subprocess.Popen(
    ["codex", "app-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
)
buffer = b""


def send(message):
    server.stdin.write(json.dumps(message).encode() + b"\n")
    server.stdin.flush()


def answer_to(wanted):
    global buffer
    while True:
        while b"\n" not in buffer:
            ready, _, _ = select.select([server.stdout], [], [], PATIENCE)
            if not ready:
                sys.exit(f"no answer to {wanted}")
            piece = os.read(server.stdout.fileno(), 4096)
            if not piece:
                sys.exit(f"the server ended before it answered {wanted}")
            buffer += piece
        line, buffer = buffer.split(b"\n", 1)
        message = json.loads(line)
        if message.get("id") == wanted:
            return message


send({"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "widget", "version": "1"}}})
assert "userAgent" in answer_to(1)["result"]
send({"method": "initialized", "params": {}})
send({"id": 2, "method": "account/rateLimits/read", "params": {}})
limits = answer_to(2)["result"]
for name in ("primary", "secondary"):
    window = limits["rateLimits"][name]
    assert 0 <= window["usedPercent"] <= 100, window
    assert window["resetsAt"] > 1_500_000_000, window
send({"id": 3, "method": "account/rateLimitResetCredit/consume", "params": {"idempotencyKey": ""}})
error = answer_to(3)["error"]
assert error["code"] == -32600 and error["message"] == "idempotencyKey must not be empty", error
server.stdin.close()
assert server.wait(PATIENCE) == 0
print("done")
