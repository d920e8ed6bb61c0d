"""The commands as clients of an app-server that runs."""
import base64
import contextlib
import hashlib
import json
import re
import socket
import threading

from reset import PROMPT, confirm_and_wait, find_out, printed_command
from stage import Stage


def case_limits_over_a_unix_socket(quotad):
    with Stage(quotad) as stage:
        _, url = stage.serve(f"unix://{stage.folder}/socket")
        answer = stage.shell.run(f"CODEX_HOME=/nowhere quotad limits --connect {url}")
        answer.expect(status=0).line(r"^  5 hours .* 62 % used ")


def case_limits_over_a_web_socket(quotad):
    with Stage(quotad) as stage:
        _, url = stage.serve("ws://127.0.0.1:0")
        assert "/?token=" in url, url
        bare = url[: url.index("/?")]
        command = f"CODEX_HOME=/nowhere quotad limits --connect {bare}"
        stage.shell.run(command).expect(status=0).line(r"^  5 hours .* 62 % used ")
        stage.shell.run(f"env -u XDG_RUNTIME_DIR {command}").expect("token", status=1)


def case_reset_over_a_unix_socket(quotad):
    with Stage(quotad) as stage:
        _, url = stage.serve(f"unix://{stage.folder}/socket")
        stage.shell.start(f"CODEX_HOME=/nowhere quotad reset --connect {url}")
        stage.shell.wait(PROMPT)
        stage.shell.keys("reset\r")
        stage.shell.finish().expect(r"(?m)^Done: a credit was spent", status=0)
        assert len(stage.simulator.spent()) == 1


LIMITS = {
    "rateLimits": {"limitId": "codex", "primary": {"usedPercent": 62, "windowDurationMins": 300}},
    "rateLimitResetCredits": {"availableCount": 1},
}


def answer_without_a_record(request):
    """As the reference does, which tells no kind of its errors."""
    results = {
        "initialize": {},
        "account/rateLimits/read": LIMITS,
        "account/rateLimitResetCredit/consume": {"outcome": "reset"},
    }
    method = request["method"]
    if method in results:
        return {"id": request["id"], "result": results[method]}
    message = f"Invalid request: unknown variant `{method}`, expected one of `initialize`"
    return {"id": request["id"], "error": {"code": -32600, "message": message}}


def talk(connection, methods):
    """A WebSocket's side of a conversation: small frames, of text."""
    stream = connection.makefile("rwb")
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += stream.readline()
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head)[1]
    accept = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    stream.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(accept) + b"\r\n\r\n"
    )
    stream.flush()
    while True:
        kind, size = stream.read(2)
        if kind & 0x0F != 1:
            return
        size &= 0x7F
        if size == 126:
            size = int.from_bytes(stream.read(2), "big")
        mask = stream.read(4)
        text = bytes(byte ^ mask[i % 4] for i, byte in enumerate(stream.read(size)))
        request = json.loads(text)
        methods.append(request["method"])
        if "id" not in request:
            continue
        answer = json.dumps(answer_without_a_record(request)).encode()
        long = len(answer) > 125
        size = b"\x7e" + len(answer).to_bytes(2, "big") if long else bytes([len(answer)])
        stream.write(b"\x81" + size + answer)
        stream.flush()


@contextlib.contextmanager
def server_without_a_record(path):
    """The methods that it is asked, one connection after the other."""
    methods = []

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(ValueError, OSError):
                    talk(connection, methods)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        threading.Thread(target=serve, daemon=True).start()
        yield methods
        listener.shutdown(socket.SHUT_RDWR)


def case_a_server_without_a_record(quotad):
    """It has no redemptions that it could tell of; everything else goes on."""
    with Stage(quotad) as stage:
        path = f"{stage.folder}/socket"
        with server_without_a_record(path) as methods:
            limits = stage.shell.run(f"quotad limits --connect unix://{path}").expect(status=0)
            limits.line(r"^  5 hours .* 62 % used ")
            limits.expect_no("cannot be read")
            reset = stage.shell.run(f"quotad reset --yes --connect unix://{path}")
            reset.expect(r"(?m)^Done: a credit was spent", status=0)
            assert "account/rateLimitResetCredit/list" in methods, methods
            assert methods.count("account/rateLimitResetCredit/consume") == 1, methods


def case_reset_interrupted(quotad):
    """The command that is printed asks the same server."""
    with Stage(quotad) as stage:
        _, url = stage.serve(f"unix://{stage.folder}/socket")
        confirm_and_wait(stage, f"CODEX_HOME=/nowhere quotad reset --connect {url}")
        stage.shell.keys("\x03")
        answer = stage.shell.finish().expect(status=5)
        assert f"--connect '{url}'" in printed_command(answer)
        stage.simulator.release("gate")
        find_out(stage, answer)


def case_nobody_serves(quotad):
    with Stage(quotad) as stage:
        url = f"unix://{stage.folder}/socket"
        stage.shell.run(f"quotad limits --connect {url}").expect("cannot be asked", status=1)


def case_watch_survives_a_restart(quotad):
    with Stage(quotad) as stage:
        server, url = stage.serve(f"unix://{stage.folder}/socket")
        stage.shell.start(f"quotad watch --interval 60 --connect {url}")
        stage.shell.wait(r"\b62 % used\b")
        stage.stop(server)
        stage.shell.keys("r")
        stage.shell.wait(r"cannot be asked")
        stage.shell.wait(r"\b62 % used\b")
        stage.serve(url)
        stage.simulator.use(primary={"usedPercent": 93})
        stage.shell.keys("r")
        stage.shell.wait(r"\b93 % used\b.* \+31 %")
        assert not re.search("cannot be asked", stage.shell.text()), stage.shell.text()
        stage.shell.keys("q")
        stage.shell.finish().expect(status=0)
        stage.shell.expect_ordinary()
