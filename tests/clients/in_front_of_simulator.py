"""The reference in front of `quotad simulate`: it reads who is signed in, and the limits, as quotad does.

Usage: in_front_of_simulator.py NPM_FOLDER QUOTAD HOMES
"""
import glob
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile

PATIENCE_SEC = 60
# A proxy that is not there keeps the reference's other traffic on this machine.
NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}


def ask(program, home, questions):
    """The results of `questions`, (method, params) each, and the methods of what it said on its own."""
    server = subprocess.Popen(
        [program, "app-server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            **NOWHERE,
            "CODEX_HOME": home,
            "QUOTAD_STATE_HOME": os.path.join(home, "state"),
            "CODEX_ACCESS_TOKEN": "",
        },
    )
    results, told, rest = {}, [], b""
    hello = {"clientInfo": {"name": "t", "version": "1"}, "capabilities": {"experimentalApi": True}}
    for number, (method, params) in enumerate([("initialize", hello), *questions]):
        message = {"id": number, "method": method, "params": params}
        server.stdin.write(json.dumps(message).encode() + b"\n")
    server.stdin.flush()
    try:
        while len(results) <= len(questions):
            assert select.select([server.stdout], [], [], PATIENCE_SEC)[0], "the server is silent"
            piece = os.read(server.stdout.fileno(), 65536)
            assert piece, "the server has ended"
            *lines, rest = (rest + piece).split(b"\n")
            for message in map(json.loads, lines):
                if "method" in message:
                    told.append(message)
                else:
                    assert "result" in message, message
                    results[message["id"]] = message["result"]
    finally:
        server.kill()
        server.wait()
    return [results[number + 1] for number in range(len(questions))], told


def main(npm, quotad, homes):
    pattern = os.path.join(npm, "node_modules/@openai/codex-*/vendor/*/bin/codex")
    found = glob.glob(pattern)
    if not found:
        print("skipped: the reference is not installed; ./dev test installs it from npm")
        return 77
    # The reference does not work in a home below the system's folder for temporary files.
    folder = tempfile.mkdtemp(prefix="simulated-", dir=homes)
    home = os.path.join(folder, "home")
    simulate = subprocess.Popen(
        [quotad, "simulate", "--port", "0", "--write-home", home], stdout=subprocess.PIPE
    )
    try:
        assert simulate.stdout.readline(), "there is no simulator"
        questions = [
            ("account/read", {}),
            ("account/rateLimits/read", {"excludeResetCreditDetails": True}),
        ]
        (account, limits), told = ask(found[0], home, questions)
        assert account["account"]["type"] == "chatgpt", account
        assert account["workspaceRouting"]["accountRoutingOverride"] == "NO_CONSTRAINT", account
        (our_account, our_limits), _ = ask(quotad, home, questions)
        for name in ("email", "planType"):
            assert account["account"][name] == our_account["account"][name], (account, our_account)
        assert account["userId"] == our_account["userId"], (account, our_account)
        used = limits["rateLimits"]["primary"]["usedPercent"]
        assert used == our_limits["rateLimits"]["primary"]["usedPercent"], (limits, our_limits)
        assert all("emittedAtMs" in message for message in told), told
        print("done")
        return 0
    finally:
        simulate.kill()
        simulate.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
