"""Waits 0.6 s after `initialize`, as clients do that cannot wait for an answer, then reads all."""

import json
import subprocess
import time

server = subprocess.Popen(
    ["codex", "app-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
)
server.stdin.write(
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientInfo":{"name":"p","version":"1"}}}\n'
)
time.sleep(0.6)  # what this client is about
server.stdin.write('{"jsonrpc":"2.0","method":"initialized"}\n')
server.stdin.write('{"jsonrpc":"2.0","id":2,"method":"account/rateLimits/read","params":{}}\n')
out, _ = server.communicate(timeout=60)
answers = {message["id"]: message for message in map(json.loads, out.splitlines())}
assert set(answers) == {1, 2}, out
assert answers[2]["result"]["rateLimitsByLimitId"]["codex"]["primary"]["windowDurationMins"] == 300
assert server.returncode == 0
print("done")
