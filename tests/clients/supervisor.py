"""quotad under a supervisor as systemd is one: it inherits listening sockets (LISTEN_FDS), says when it is
ready and when it stops (NOTIFY_SOCKET), and leaves the sockets as they are. Usage: supervisor.py QUOTAD"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile

PATIENCE_SEC = 120


def ask(client, number, method, params):
    client.sendall(json.dumps({"id": number, "method": method, "params": params}).encode() + b"\n")
    answer = b""
    while not answer.endswith(b"\n"):
        piece = client.recv(65536)
        assert piece, "the server hung up"
        answer += piece
    return json.loads(answer)


def start(program, folder, descriptors, count=None, extra=()):
    """The program with `descriptors` as 3, 4, …, and a pid in LISTEN_PID that is its own."""
    environment = {
        **os.environ,
        "CODEX_HOME": folder,
        "QUOTAD_STATE_HOME": os.path.join(folder, "state"),
        "CODEX_ACCESS_TOKEN": "",
        "LISTEN_FDS": str(len(descriptors) if count is None else count),
        "NOTIFY_SOCKET": os.path.join(folder, "notify"),
    }
    high = [os.dup2(descriptor, 100 + i) for i, descriptor in enumerate(descriptors)]
    moves = "".join(f" {3 + i}<&{high[i]}" for i in range(len(high)))
    process = subprocess.Popen(
        ["bash", "-c", f'export LISTEN_PID=$$; exec "$0" app-server "$@"{moves}', program, *extra],
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=high,
        text=True,
    )
    for descriptor in high:
        os.close(descriptor)
    return process


def main(program):
    with tempfile.TemporaryDirectory(prefix="supervisor-") as folder:
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.settimeout(PATIENCE_SEC)
        notify.bind(os.path.join(folder, "notify"))
        path = os.path.join(folder, "quotad.sock")
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(path)
        unix.listen()
        tcp = socket.create_server(("127.0.0.1", 0))

        # A client that comes before the server is answered all the same: that is what it is for.
        early = socket.socket(socket.AF_UNIX)
        early.settimeout(PATIENCE_SEC)
        early.connect(path)
        server = start(program, folder, [unix.fileno(), tcp.fileno()])
        assert notify.recv(100) == b"READY=1"
        hello = {"clientInfo": {"name": "t", "version": "1"}}
        assert "result" in ask(early, 1, "initialize", hello)
        listening = [server.stderr.readline().strip() for _ in range(3)]
        assert listening[0] == f"listening on: unix://{path}", listening
        port = tcp.getsockname()[1]
        assert listening[2].startswith(f"listening on: ws://127.0.0.1:{port}/?token="), listening
        with socket.create_connection(("127.0.0.1", port)) as probe:
            probe.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert probe.recv(100).startswith(b"HTTP/1.1 200 ")
        server.send_signal(signal.SIGTERM)
        assert notify.recv(100) == b"STOPPING=1"
        early.close()
        assert server.wait(PATIENCE_SEC) == 0
        assert os.path.exists(path), "the socket is the supervisor's"

        # The next one takes over.
        late = socket.socket(socket.AF_UNIX)
        late.settimeout(PATIENCE_SEC)
        late.connect(path)
        server = start(program, folder, [unix.fileno()])
        assert notify.recv(100) == b"READY=1"
        assert "result" in ask(late, 1, "initialize", hello)
        server.send_signal(signal.SIGTERM)
        late.close()
        assert server.wait(PATIENCE_SEC) == 0

        # What cannot be served is named.
        with open(os.devnull) as null:
            server = start(program, folder, [null.fileno()])
            words = server.stderr.read()
            assert server.wait(PATIENCE_SEC) == 2, words
            assert "the inherited descriptor 3 is no socket" in words, words
        open_to_all = socket.create_server(("0.0.0.0", 0))
        server = start(program, folder, [open_to_all.fileno()])
        words = server.stderr.read()
        assert server.wait(PATIENCE_SEC) == 2, words
        assert "refusing to start non-loopback websocket listener 0.0.0.0" in words, words
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
