"""quotad and the reference on one Codex home: each goes on with the tokens that the other renewed,
and when both find them run out at once, the refresh token is spent once.

Usage: shared_home.py NPM_FOLDER QUOTAD HOMES
"""
import base64
import glob
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

PATIENCE_SEC = 60
READ = "account/rateLimits/read"


def token(expires_in):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return ".".join([part({"alg": "none"}), part({"exp": int(time.time()) + expires_in}), "sig"])


class Server:
    """An app-server over stdio."""

    def __init__(self, program, home, simulator):
        self.process = subprocess.Popen(
            [program, "app-server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                "CODEX_HOME": home,
                "QUOTAD_STATE_HOME": os.path.join(home, "state"),
                "CODEX_REFRESH_TOKEN_URL_OVERRIDE": simulator + "/oauth/token",
                "CODEX_ACCESS_TOKEN": "",
            },
        )
        self.buffer = b""
        self.send(1, "initialize", {"clientInfo": {"name": "t", "version": "1"}})
        self.answer(1)

    def send(self, number, method, params=None):
        message = {"id": number, "method": method}
        if params is not None:
            message["params"] = params
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def answer(self, number):
        while True:
            while b"\n" not in self.buffer:
                ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE_SEC)
                assert ready, "the server is silent"
                piece = os.read(self.process.stdout.fileno(), 65536)
                assert piece, "the server has ended"
                self.buffer += piece
            line, self.buffer = self.buffer.split(b"\n", 1)
            message = json.loads(line)
            if message.get("id") == number and "method" not in message:
                return message

    def read(self, number):
        self.send(number, READ)
        answer = self.answer(number)
        assert "result" in answer, answer
        return answer["result"]

    def end(self):
        self.process.kill()
        self.process.wait()


def main(npm, quotad, homes):
    pattern = os.path.join(npm, "node_modules/@openai/codex-*/vendor/*/bin/codex")
    found = glob.glob(pattern)
    if not found:
        print("skipped: the reference is not installed; ./dev test installs it from npm")
        return 77
    reference = found[0]
    # The reference does not work in a home below the system's folder for temporary files.
    home = tempfile.mkdtemp(prefix="shared-home-", dir=homes)
    simulate = subprocess.Popen(
        [quotad, "simulate", "--port", "0", "--write-home", home], stdout=subprocess.PIPE
    )
    servers = []
    try:
        simulator = simulate.stdout.readline().decode().split(" at ")[1].strip()
        file = os.path.join(home, "auth.json")

        def load():
            with open(file, encoding="utf-8") as opened:
                return json.load(opened)

        def run_out():
            auth = load()
            auth["tokens"]["access_token"] = token(-60)
            with open(file + ".new", "w", encoding="utf-8") as opened:
                json.dump(auth, opened)
            os.chmod(file + ".new", 0o600)
            os.rename(file + ".new", file)

        def refreshes():
            with urllib.request.urlopen(simulator + "/_simulator/state") as answer:
                return json.load(answer)["accounts"][0]["refreshes"]

        def start(program):
            servers.append(Server(program, home, simulator))
            return servers[-1]

        run_out()
        ours = start(quotad)
        ours.read(2)
        assert refreshes() == 1
        theirs = start(reference)
        theirs.read(2)
        assert refreshes() == 1, "the reference did not go on with what quotad wrote"

        run_out()
        start(reference).read(2)
        assert refreshes() == 2
        ours.read(3)
        start(quotad).read(2)
        assert refreshes() == 2, "quotad did not go on with what the reference wrote"

        # All find it run out, and all look at the same moment.
        for round_number in range(3):
            many = [start(quotad) for _ in range(4)]
            run_out()
            many.append(start(reference))
            before = refreshes()
            for server in many:
                server.send(5, READ)
            for server in many:
                answer = server.answer(5)
                assert "result" in answer, answer
            # The reference may have looked while it started, and found it done.
            assert refreshes() <= before + 1, f"round {round_number}: spent more than once"
        assert load()["tokens"]["refresh_token"].startswith("refresh-token-")
        print(f"{refreshes()} refreshes by both programs, each token spent once")
        print("done")
        return 0
    finally:
        for server in servers:
            server.end()
        simulate.kill()
        simulate.wait()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
