"""The programs that the soak runs: the simulated service and the server in front of it."""
import asyncio
import collections
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import urllib.request

from connections import MAX_BUFFER, LineLink, Place, abort

PATIENCE_SEC = 60
ACCOUNT = "account-soak"
EMAIL = "soak@example.com"
THREAD = "019a0000-0000-7000-8000-000000000001"
HANDSHAKE_SEC = 5
# Hung calls end soon, so that much happens in little time; and clients that do not read their answers cost
# little memory, so that growth shows beside them.
LIMITS = [
    *("--usage-timeout-ms", "3000"),
    *("--details-timeout-ms", "1500"),
    *("--profile-timeout-ms", "3000"),
    *("--thread-usage-timeout-ms", "3000"),
    *("--consume-timeout-ms", "3000"),
    *("--consume-background-ms", "6000"),
    *("--consume-retry-delay-ms", "50"),
    *("--auth-timeout-ms", "5000"),
    *("--handshake-timeout-ms", str(HANDSHAKE_SEC * 1000)),
    *("--max-unread-bytes", "500000"),
    *("--log-format", "json"),
]

# For a server that has them.
IF_KNOWN = {
    "--no-token-check": [],
    "--message-timeout-ms": ["5000"],
    "--stall-timeout-ms": ["5000"],
}


def clean_environment(**more):
    """Ours, without what would lead calls away from the simulator."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith(("CODEX_", "QUOTAD_"))
    }
    return {**ours, **more}


class Log:
    """What a server says on stderr. Everything but warnings, and where it listens, is unexpected."""

    def __init__(self):
        self.levels = collections.Counter()
        self.warnings = collections.Counter()
        self.unexpected = []
        self.listening = asyncio.Queue()

    def take(self, line):
        text = line.decode(errors="replace").rstrip("\n")
        if "listening on: " in text:
            self.listening.put_nowait(text.rpartition("listening on: ")[2])
            return
        if text == "quotad app-server (WebSockets)" or text.startswith(("  readyz:", "  healthz:", "  note:")):
            return
        try:
            entry = json.loads(text)
            level, message = entry["level"], entry["message"]
        except (ValueError, KeyError, TypeError):
            level, message = "no log line", text
        self.levels[level] += 1
        if level == "warning":
            kind = re.sub(r"[0-9]+", "N", message)[:120]
            if kind in self.warnings or len(self.warnings) < 50:
                self.warnings[kind] += 1
        elif len(self.unexpected) < 100:
            self.unexpected.append(f"{level}: {message}")


class Process:
    """A child with pipes for all three, which ends with us."""

    @classmethod
    async def start(cls, arguments, environment):
        self = cls()
        self.child = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment,
            start_new_session=True,  # Ctrl-C is for us
        )
        try:
            loop = asyncio.get_running_loop()
            self.stdout = await self.reader(self.child.stdout)
            self.stderr = await self.reader(self.child.stderr)
            transport, protocol = await loop.connect_write_pipe(
                asyncio.streams.FlowControlMixin, self.child.stdin
            )
            self.stdin = asyncio.StreamWriter(transport, protocol, None, loop)
            self.log = Log()
            self.listener = asyncio.create_task(self.listen())
        except BaseException:
            self.child.kill()
            self.child.wait()
            raise
        return self

    @staticmethod
    async def reader(pipe):
        reader = asyncio.StreamReader(limit=MAX_BUFFER)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        return reader

    async def listen(self):
        while line := await self.stderr.readline():
            self.log.take(line)

    @property
    def pid(self):
        return self.child.pid

    def is_running(self):
        return self.child.poll() is None

    def link(self):
        return LineLink(self.stdout, self.stdin)

    async def ended(self, patience):
        """The exit code, or None if it has not ended by then; all that it has said is in the log."""
        for _ in range(int(patience / 0.02)):
            if not self.is_running():
                await asyncio.wait([self.listener], timeout=5)
                return self.child.returncode
            await asyncio.sleep(0.02)
        return None

    def kill(self):
        if self.is_running():
            self.child.kill()
            self.child.wait()
        self.listener.cancel()
        abort(self.stdin)


def scenario(number, former_token=None):
    """The account with credits and tokens of that number; the former access token is taken, too."""
    return {
        "accounts": [
            {
                "accessToken": f"soak-access-token-{number}",
                "refreshToken": f"soak-refresh-token-{number}",
                "personalAccessToken": former_token,
                "accessTokenSeconds": 10 * 86400,
                "accountId": ACCOUNT,
                "userId": "user-soak",
                "email": EMAIL,
                "primary": {"usedPercent": 50, "fillPercentPerHour": 36000},
                "secondary": {"usedPercent": 20, "windowSeconds": 604800, "fillPercentPerHour": 60},
                "additionalLimits": [
                    {"meteredFeature": "codex_spark", "limitName": "Spark", "primary": {}}
                ],
                "credits": {"hasCredits": True, "unlimited": False, "balance": "12.5"},
                "resetCredits": [
                    {"id": f"credit-{n}", "expiresInSeconds": 864000, "title": "Usage reset"}
                    for n in range(20)
                ],
                "stats": {
                    "lifetime_tokens": 1000000,
                    "daily_usage_buckets": [
                        {"start_date": f"2026-11-{day:02}", "tokens": day * 1000}
                        for day in range(1, 31)
                    ],
                },
                "threads": [{"thread_id": THREAD, "estimated_usage_credits_micros": 46000000}],
            }
        ]
    }


ROUTES = ("usage", "details", "profile", "threadUsage", "consume")


def everywhere(**fault):
    return [{"route": route, "times": 0, **fault} for route in ROUTES]


# Each comes once in a cycle. The refused calls, after which tokens are renewed, stand well away from the end of
# it, where there are new ones.
PHASES = [
    ("all is well", []),
    ("401", [{"route": "usage", "status": 401}, {"route": "consume", "status": 401}]),
    ("429", everywhere(status=429, headers={"Retry-After": "1"})),
    ("500", everywhere(status=500, body={"detail": "x" * 20000})),
    ("503", everywhere(status=503)),
    ("slow", everywhere(delayMs=400)),
    ("hang", everywhere(hang=True)),
    ("reset", everywhere(reset=True)),
    ("done, and the answer lost", everywhere(reset=True, applied=True)),
    ("byte by byte", everywhere(trickleMs=1)),
    ("byte by byte, too slow", everywhere(trickleMs=20)),
    (
        "malformed",
        [{"route": route, "body": "a" * 1200000} for route in ("usage", "profile")]
        + [
            {"route": route, "times": 3, **fault}
            for route in ROUTES
            for fault in (
                {"body": '{"rate_limit": '},
                {"body": {"rate_limit": 5, "stats": [], "credits": "x", "code": 7}},
                {"body": "<html>", "contentType": "text/html"},
                {"body": "\x00\u00ff"},
                {"body": "[" * 10000},
                {"status": 204, "body": ""},
                {"status": 302, "headers": {"Location": "/backend-api/wham/usage"}},
            )
        ],
    ),
    ("truncated", everywhere(truncateAtBytes=40)),
]


class Simulator:
    @classmethod
    async def start(cls, quotad, folder):
        self = cls()
        self.home = os.path.join(folder, "home")
        file = os.path.join(folder, "scenario.json")
        with open(file, "w", encoding="utf-8") as opened:
            json.dump(scenario(1), opened)
        self.process = await Process.start(
            [quotad, "simulate", "--port", "0", "--scenario", file, "--write-home", self.home],
            clean_environment(),
        )
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_SEC)
            self.url = line.decode().split(" at ")[1].strip()
        except BaseException:
            self.process.kill()
            raise
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    async def control(self, method, target, body=None):
        def call():
            request = urllib.request.Request(
                f"{self.url}/_simulator/{target}",
                method=method,
                data=None if body is None else json.dumps(body).encode(),
            )
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=PATIENCE_SEC) as answer:
                return json.load(answer)

        return await asyncio.to_thread(call)

    async def start_over(self, number):
        """New credits; and somebody signs in anew, as `codex login` does it."""
        file = os.path.join(self.home, "auth.json")
        with open(file, encoding="utf-8") as opened:
            auth = json.load(opened)
        account = scenario(number, auth["tokens"]["access_token"])
        await self.control("PUT", "scenario", account)
        auth["tokens"]["access_token"] = account["accounts"][0]["accessToken"]
        auth["tokens"]["refresh_token"] = account["accounts"][0]["refreshToken"]
        with open(file + ".new", "w", encoding="utf-8") as opened:
            json.dump(auth, opened)
        os.chmod(file + ".new", 0o600)
        os.rename(file + ".new", file)

    async def change_faults(self, phase_seconds, on_phase):
        for cycle in itertools.count(2):
            for name, faults in PHASES:
                on_phase(name)
                await self.control("PUT", "faults", faults)
                await self.control("DELETE", "calls")
                await asyncio.sleep(phase_seconds)
            await self.start_over(cycle)


class AppServer:
    @classmethod
    async def start(cls, quotad, simulator, folder):
        self = cls()
        self.environment = clean_environment(
            CODEX_HOME=simulator.home,
            QUOTAD_STATE_HOME=os.path.join(folder, "state"),
            CODEX_REFRESH_TOKEN_URL_OVERRIDE=simulator.url + "/oauth/token",
            CODEX_AUTHAPI_BASE_URL=simulator.url + "/authapi",
        )
        self.over_stdio = [quotad, "app-server", *LIMITS]
        path = os.path.join(folder, "soak.sock")
        arguments = [*self.over_stdio, "--listen", "ws://127.0.0.1:0"]
        arguments += ["--listen", "unix://" + path, "--listen", "stdio://"]
        told = subprocess.run(
            [quotad, "app-server", "--help"], capture_output=True, text=True, check=True, timeout=60
        )
        for flag, value in IF_KNOWN.items():
            if flag in told.stdout:
                arguments += [flag, *value]
        self.process = await Process.start(arguments, self.environment)
        try:
            urls = [
                await asyncio.wait_for(self.process.log.listening.get(), PATIENCE_SEC) for _ in "ab"
            ]
        except BaseException:
            self.process.kill()
            raise
        self.tcp = Place(socket.AF_INET, ("127.0.0.1", int(urls[0].rsplit(":", 1)[1])))
        self.unix = Place(socket.AF_UNIX, path)
        return self

    async def one_more(self):
        """Another one, which serves stdio alone and shares home and record."""
        return await Process.start(self.over_stdio, self.environment)

    async def terminate(self, patience):
        self.process.child.send_signal(signal.SIGTERM)
        return await self.process.ended(patience)
