"""What a test plays on: a folder for everything, a simulator, a shell that finds `quotad`, app-servers."""
import copy
import json
import os
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

from terminal import PATIENCE_SEC, Shell

# One time zone for the programs under test and for what is expected of them.
os.environ.setdefault("TZ", "UTC")
time.tzset()

THREAD = "019a0000-0000-7000-8000-000000000001"


def unix_now():
    """The time by the clock of the programs under test: see src/system/clock.hpp."""
    wanted = os.environ.get("QUOTAD_NOW") or "+0"
    return (time.time() if wanted[0] in "+-" else 0) + int(wanted)


def hours(number):
    return int(number * 3600)


# Times end on half an hour, so that what is shown of them does not depend on how fast a test is.
# Credits stand in another order than that of their ends; two of them lie on the two sides of the
# 72 hours of the warning.
ACCOUNT = {
    "accessToken": "terminal-access-token",
    "refreshToken": "terminal-refresh-token",
    "accountId": "account-terminal",
    "userId": "user-terminal",
    "planType": "pro",
    "primary": {"usedPercent": 62, "windowSeconds": hours(5), "resetsInSeconds": hours(3.5)},
    "secondary": {
        "usedPercent": 31,
        "windowSeconds": hours(7 * 24),
        "resetsInSeconds": hours(4 * 24 + 2.5),
    },
    "additionalLimits": [
        {"meteredFeature": "codex_spark", "limitName": "Spark", "primary": {"usedPercent": 4}}
    ],
    "credits": {"hasCredits": True, "unlimited": False, "balance": "5.39"},
    "resetCredits": [
        {"id": "credit-never", "title": "Gift"},
        {"id": "credit-outside", "title": "Monthly reset", "expiresInSeconds": hours(73.5)},
        {"id": "credit-inside", "title": "Weekly reset", "expiresInSeconds": hours(71.5)},
        {"id": "credit-first", "title": "Welcome reset", "expiresInSeconds": hours(30.5)},
    ],
    "stats": {
        "lifetime_tokens": 1234567,
        "peak_daily_tokens": 90000,
        "longest_running_turn_sec": 1843,
        "current_streak_days": 1,
        "longest_streak_days": 41,
    },
    "threads": [
        {
            "thread_id": THREAD,
            "estimated_usage_credits_micros": 46000000,
            "estimated_usage_usd_micros": 1840000,
            "native_usage_usd_micros": None,
            "groups": [
                {
                    "model": "gpt-5.4",
                    "reasoning_effort": "high",
                    "speed": "standard",
                    "estimated_usage_credits_micros": 46000000,
                    "net_new_input_tokens": 60000,
                    "cached_input_tokens": 410000,
                    "input_tokens": 470000,
                    "output_tokens": 21000,
                    "total_tokens": 491000,
                }
            ],
        }
    ],
}


def scenario(**changes):
    """With ACCOUNT, changed: dicts are merged, anything else is replaced."""
    account = copy.deepcopy(ACCOUNT)
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(account.get(name), dict):
            account[name].update(value)
        else:
            account[name] = value
    return {"accounts": [account]}


def first_line(pipe):
    """From a process that has just been started."""
    if not select.select([pipe], [], [], PATIENCE_SEC)[0]:
        raise TimeoutError("a process says nothing")
    return pipe.readline().decode()


def end(process):
    """With all that it has started: it leads a group of its own."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


class Simulator:
    def __init__(self, quotad, folder, home, environment, account):
        file = os.path.join(folder, "scenario.json")
        with open(file, "w", encoding="utf-8") as opened:
            json.dump(account, opened)
        self.process = subprocess.Popen(
            [quotad, "simulate", "--port", "0", "--scenario", file, "--write-home", home],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for us, which end it in order
        )
        try:
            self.url = first_line(self.process.stdout).split(" at ")[1].strip()
        except BaseException:
            end(self.process)
            raise
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method, target, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_simulator/{target}", method=method, data=data
        )
        with self.opener.open(request, timeout=PATIENCE_SEC) as answer:
            return json.load(answer)

    def use(self, **changes):
        self.ask("PUT", "scenario", scenario(**changes))

    def fail(self, *faults):
        self.ask("PUT", "faults", list(faults))

    def release(self, hold):
        self.ask("POST", f"release?hold={hold}")

    def calls(self, route, at_least=0):
        """Those that it was asked; waits until there are so many."""
        query = urllib.parse.urlencode({"route": route, "atLeast": at_least})
        return self.ask("GET", "calls?" + query)["calls"]

    def account(self):
        """Its available credits and its redemptions."""
        return self.ask("GET", "state")["accounts"][0]

    def spent(self):
        """The keys that have spent a credit."""
        return [redemption["redeemRequestId"] for redemption in self.account()["redemptions"]]


class Stage:
    """Everything is below one folder, which is gone at the end, as is every process that was started."""

    def __init__(self, quotad, **changes):
        self.program = os.path.abspath(quotad)
        self.changes = changes
        self.servers = []
        self.simulator = None
        self.shell = None

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="terminal-")
        try:
            self.set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def set_up(self):
        self.folder = self.temporary.name
        # A name that has to be quoted where it is printed for a shell.
        self.home = os.path.join(self.folder, "a person's home")
        self.state = os.path.join(self.folder, "state")
        programs = os.path.join(self.folder, "bin")
        runtime = os.path.join(self.folder, "run")
        for folder in (programs, runtime):
            os.mkdir(folder, 0o700)
        os.symlink(self.program, os.path.join(programs, "quotad"))
        self.environment = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": self.folder,
            "CODEX_HOME": self.home,
            "QUOTAD_STATE_HOME": self.state,
            "XDG_RUNTIME_DIR": runtime,
            "LANG": "C.UTF-8",
            "TZ": os.environ["TZ"],
        }
        for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "QUOTAD_NOW"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        account = scenario(**self.changes)
        self.simulator = Simulator(
            self.program, self.folder, self.home, self.environment, account
        )
        url = self.simulator.url
        self.environment["CODEX_REFRESH_TOKEN_URL_OVERRIDE"] = url + "/oauth/token"
        self.environment["CODEX_AUTHAPI_BASE_URL"] = url
        terminal = {"TERM": "tmux-256color", "PS1": "$ "}
        self.shell = Shell(self.folder, {**self.environment, **terminal})

    def __exit__(self, *_):
        try:
            if self.shell:
                self.shell.end()
        finally:
            for server in self.servers:
                end(server)
            if self.simulator:
                end(self.simulator.process)
            self.temporary.cleanup()

    def read(self, *arguments):
        """What a command prints with --json, in a process without a terminal."""
        done = subprocess.run(
            [self.program, *arguments, "--json"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=PATIENCE_SEC,
            check=False,
        )
        return json.loads(done.stdout)

    def serve(self, listen):
        """Starts an app-server, and gives it with the URL that it has printed."""
        server = subprocess.Popen(
            [self.program, "app-server", "--listen", listen],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,  # several lines come at once, and select sees the pipe alone
            start_new_session=True,
        )
        self.servers.append(server)
        while (line := first_line(server.stderr)) and "listening on: " not in line:
            pass
        return server, line.rpartition("listening on: ")[2].strip()

    def stop(self, server):
        self.servers.remove(server)
        end(server)

    def empty_home(self):
        """A word for a command line: nobody is signed in there, until sign_in_there."""
        self.empty = os.path.join(self.folder, "empty")
        os.mkdir(self.empty)
        # The way to the simulator; what is missing is the sign-in.
        shutil.copy(os.path.join(self.home, "config.toml"), self.empty)
        return "CODEX_HOME=" + shlex.quote(self.empty)

    def sign_in_there(self):
        shutil.copy(os.path.join(self.home, "auth.json"), self.empty)


def moment(unix_time, calendar=time.localtime):
    """As a person is told it, of a time that is neither today nor a week away; with its zone if it is not today's."""
    then, now = calendar(unix_time), calendar(unix_now())
    return time.strftime("%a %H:%M" if then.tm_gmtoff == now.tm_gmtoff else "%a %H:%M %Z", then)