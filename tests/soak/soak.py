"""A soak: good and bad clients on one app-server in front of a faulty service, for a while.

The server has all three listeners. The service's faults change all the time; each comes in every window that
is compared. Good clients count that each of their requests is answered once, as it should be. Bad ones are
slow, silent, deaf, broken or gone. The first quarter of the time is the warm-up; the rest is cut into windows,
and the last may not use more memory, descriptors or threads than the first. When all clients are gone, nothing
may be left of them; then SIGTERM must end the server well, and its log must hold no error.
"""
import argparse
import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
import uuid

sys.dont_write_bytecode = True

import bad_clients
import good_clients
import measure
from processes import PHASES, AppServer, Simulator

RSS_GROWTH = 1.10  # of the last window, compared with the first after the warm-up,
RSS_ALLOWANCE_MB = 2  # and this; more if the warm-up was
SHORT_WARM_UP_SEC = 60  # shorter than this: the heap has not found its size by then, and only a rush is told
SHORT_ALLOWANCE_MB = 32
DESCRIPTOR_GROWTH = 1.10
DESCRIPTOR_ALLOWANCE = 10
# libcurl keeps connections to the service for the next calls, at most four for each call that is under way
# at once. Calls of one kind are joined, but for those on the two sides of a redemption.
MOST_UPSTREAM = 64
MOST_TOLD = 30  # problems, on stdout
QUIET_SEC = 60
REST_SEC = 2
MOST_AT_REST = 0.05  # of a processor
END_SEC = 20


async def end_all(tasks):
    """`wait_for` may swallow a cancellation, so it is said again."""
    while unfinished := [task for task in tasks if not task.done()]:
        for task in unfinished:
            task.cancel()
        await asyncio.wait(unfinished, timeout=1)


class World:
    """What clients share."""

    def __init__(self, server, seed):
        self.server = server
        self.random = random.Random(seed)
        self.tally = good_clients.Tally()
        self.stopping = asyncio.Event()
        self.stdio = None


class Soak:
    def __init__(self, arguments):
        self.arguments = arguments
        self.duration = arguments.minutes * 60
        # In each window all of the faults come at least once.
        self.window_count = 6 if arguments.minutes >= 5 else 3
        window = self.duration * 0.75 / self.window_count
        cycles = max(1, round(window / (len(PHASES) * 6)))
        self.phase_seconds = window / cycles / len(PHASES)
        self.sample_seconds = min(5.0, max(0.25, self.duration / 240))
        self.samples = []
        self.problems = []
        self.figures = {}

    async def run(self, folder):
        simulator = await Simulator.start(self.arguments.quotad, folder)
        try:
            server = await AppServer.start(self.arguments.quotad, simulator, folder)
            try:
                await self.soak(World(server, self.arguments.seed), simulator)
            finally:
                server.process.kill()
        finally:
            simulator.process.kill()

    async def soak(self, world, simulator):
        process, tally = world.server.process, world.tally
        await self.open_all(world, simulator)
        at_start = self.descriptors(process.pid, simulator)
        first = measure.sample(process.pid, 0, 0, 0)
        began = time.monotonic()

        def enter(phase):
            tally.phase = phase

        faults = asyncio.create_task(simulator.change_faults(self.phase_seconds, enter))
        good = [asyncio.create_task(one) for one in good_clients.all_of_them(world)]
        bad = [asyncio.create_task(one) for one in bad_clients.all_of_them(world)]
        try:
            await self.watch(world, began, [faults, *good, *bad])
            world.stopping.set()
            await end_all(bad)
            _, unfinished = await asyncio.wait(good, timeout=2 * good_clients.ANSWER_SEC)
            if unfinished:
                self.problems.append(f"{len(unfinished)} good clients have not come to their end")
        finally:
            world.stopping.set()
            await end_all([faults, *bad, *good])
        results = await asyncio.gather(faults, *bad, *good, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                self.problems.append(f"the soak itself failed: {result!r}")
        self.figures["minutes"] = round((time.monotonic() - began) / 60, 2)
        if process.is_running():
            self.figures["processor seconds"] = measure.processor_seconds(process.pid)
            await self.wait_until_quiet(process.pid, simulator, at_start, first)
        await self.end(world)
        self.judge(world)

    async def open_all(self, world, simulator):
        """Lets the server open what it opens when it first needs it: the ledger, and the way to the sign-in
        service, each with its thread."""
        world.stdio = good_clients.Conversation(
            world.server.process.link(), "stdio", world.tally, v2=False
        )
        await world.stdio.open()
        await simulator.control("PUT", "faults", [{"route": "usage", "status": 401}])
        await world.stdio.ask((good_clients.LIMITS, None))
        await world.stdio.ask((good_clients.CONSUME, {"idempotencyKey": str(uuid.uuid4())}))

    @staticmethod
    def descriptors(pid, simulator):
        """What each is; connections to the service are among them as `None`."""
        sockets = measure.sockets(pid)
        found = {}
        for number, target in measure.descriptors(pid).items():
            port, words = sockets.get(target, (None, ""))
            found[number] = None if port == simulator.port else f"{target} {words}".strip()
        return found

    async def watch(self, world, began, tasks):
        """Measures until the time is over, or there is nothing to measure any more."""
        pid, tally = world.server.process.pid, world.tally
        next_word = 60.0
        while (at := time.monotonic() - began) < self.duration:
            if not world.server.process.is_running():
                self.problems.append(f"the server has ended, during: {tally.phase}")
                return
            failed = [task for task in tasks if task.done() and task.exception()]
            if failed:
                return  # told of when all are gathered
            self.samples.append(
                measure.sample(pid, at, tally.requests_in_all(), tally.answers_in_all())
            )
            if at >= next_word:
                next_word += 60
                last = self.samples[-1]
                print(
                    f"{at / 60:.0f} min: {last.requests} requests, {last.rss_kb / 1024:.1f} MB, "
                    f"{last.descriptors} descriptors, {last.threads} threads, "
                    f"{tally.violations_in_all()} violations",
                    flush=True,
                )
            await asyncio.sleep(self.sample_seconds)

    async def wait_until_quiet(self, pid, simulator, at_start, first):
        """Nothing may be left but what was there at the start, and connections kept to the service."""
        deadline = time.monotonic() + QUIET_SEC
        await simulator.control("DELETE", "faults")
        while True:
            now = self.descriptors(pid, simulator)
            kept = sum(1 for words in now.values() if words is None)
            left = {
                number: words
                for number, words in now.items()
                if words is not None and at_start.get(number) != words
            }
            if not left or time.monotonic() > deadline:
                break
            await asyncio.sleep(0.2)
        worked = measure.processor_seconds(pid)
        await asyncio.sleep(REST_SEC)
        worked = measure.processor_seconds(pid) - worked
        if worked > REST_SEC * MOST_AT_REST:
            self.problems.append(f"nobody asks anything, and it works for {worked:.2f} of {REST_SEC} s")
        last = measure.sample(pid, 0, 0, 0)
        self.figures["at the end"] = {
            "rss MB": round(last.rss_kb / 1024, 1),
            "rss MB at the start": round(first.rss_kb / 1024, 1),
            "peak rss MB": round(int(measure.status(pid)["VmHWM"]) / 1024, 1),
            "threads": last.threads,
            "threads at the start": first.threads,
            "descriptors": last.descriptors,
            "descriptors at the start": len(at_start),
            "of them connections kept to the service": kept,
        }
        if left:
            self.problems.append(
                f"{len(left)} descriptors are left {QUIET_SEC} s after the last client: "
                + "; ".join(f"{number}: {words}" for number, words in sorted(left.items())[:10])
            )
        if kept > MOST_UPSTREAM:
            self.problems.append(f"{kept} connections to the service are kept")
        if last.threads != first.threads:
            self.problems.append(f"{first.threads} threads at the start, {last.threads} at the end")

    async def end(self, world):
        """SIGTERM, and what is left on stdout and stderr."""
        process = world.server.process
        world.stdio.is_ending = True
        if process.is_running():
            asked = time.monotonic()
            code = await world.server.terminate(END_SEC)
            if code is None:
                self.problems.append(f"the server has not ended within {END_SEC} s of SIGTERM")
            elif code != 0:
                self.problems.append(f"exit code {code} after SIGTERM")
            self.figures["seconds from SIGTERM to the end"] = round(time.monotonic() - asked, 2)
        else:
            self.problems.append(f"exit code {process.child.returncode} without being asked to end")
            await process.ended(1)
        await asyncio.wait([world.stdio.listener], timeout=5)
        world.stdio.close()
        self.figures["log lines by level"] = dict(process.log.levels)
        self.figures["warnings"] = dict(process.log.warnings.most_common())
        for line in process.log.unexpected:
            self.problems.append(f"stderr: {line}")

    def judge(self, world):
        tally = world.tally
        for what, phases in tally.violations.items():
            self.problems.append(
                f"{sum(phases.values())} times: {what} (during: {', '.join(phases)})"
            )
        asked, answered = tally.requests_in_all(), tally.answers_in_all()
        if asked != answered:
            self.problems.append(f"{asked} well-formed requests, {answered} answers")
        for result in sorted(good_clients.EXPECTED_ERRORS | {"result"}):
            if tally.answers[result] == 0 and self.arguments.minutes >= 1:
                self.problems.append(f"no answer was {result}: the faults do not do what they should")
        windows = measure.windows(self.samples, self.duration, self.window_count)
        self.windows = [window for window in windows if window.samples]
        self.judge_growth()
        self.figures.update(
            {
                "requests": asked,
                "answers": dict(tally.answers.most_common()),
                "outcomes of redemptions": dict(tally.outcomes.most_common()),
                "slowest answer": {"seconds": round(tally.slowest[0], 2), "to": tally.slowest[1]},
                "requests by method": dict(tally.requests.most_common()),
                "notifications": dict(tally.notifications.most_common()),
                "connections of good clients": dict(tally.connections.most_common()),
                "rounds of bad clients": dict(tally.misbehaved.most_common()),
                "windows": [vars(window) for window in self.windows],
            }
        )

    def judge_growth(self):
        if len(self.windows) < 2:
            self.problems.append("the time was too short to compare one part of it with another")
            return
        first, last = self.windows[0], self.windows[-1]
        is_short = self.duration / 4 < SHORT_WARM_UP_SEC
        most = first.rss_mb * RSS_GROWTH + (SHORT_ALLOWANCE_MB if is_short else RSS_ALLOWANCE_MB)
        if last.rss_mb > most:
            self.problems.append(
                f"memory grows: {first.rss_mb:.1f} MB in the first window, {last.rss_mb:.1f} in the "
                f"last; {most:.1f} would be allowed"
            )
        most = first.descriptors * DESCRIPTOR_GROWTH + DESCRIPTOR_ALLOWANCE
        if last.descriptors > most:
            self.problems.append(
                f"descriptors grow: {first.descriptors} in the first window, {last.descriptors} in "
                f"the last; {most:.0f} would be allowed"
            )
        threads = {count for window in self.windows for count in window.threads}
        if len(threads) > 1:
            self.problems.append(f"the number of threads is not the same: {sorted(threads)}")

    def table(self):
        lines = [
            "| minutes | requests | memory MB, median | max | descriptors, median | max | threads |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        for window in self.windows:
            lines.append(
                f"| {window.start / 60:.1f} to {window.end / 60:.1f} | {window.requests} "
                f"| {window.rss_mb:.1f} | {window.rss_max_mb:.1f} | {window.descriptors:.0f} "
                f"| {window.descriptors_max} | {', '.join(map(str, window.threads))} |"
            )
        lines += ["", "| | |", "| --- | --- |"]

        def tell(value):
            if isinstance(value, dict):
                return ", ".join(f"{name}: {tell(one)}" for name, one in value.items()) or "none"
            return f"{value:,}" if isinstance(value, int) else str(value)

        for name, value in self.figures.items():
            if name != "windows":
                lines.append(f"| {name} | {tell(value)} |")
        return "\n".join(lines)


async def main(arguments):
    # As Ctrl-C does: what was started is ended, and the folder removed.
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    soak = Soak(arguments)
    folder = tempfile.mkdtemp(prefix="quotad-soak-")
    try:
        await soak.run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(soak.table())
    if arguments.json:
        result = {"passed": not soak.problems, "problems": soak.problems, "seed": arguments.seed}
        with open(arguments.json, "w", encoding="utf-8") as opened:
            json.dump({**result, **soak.figures}, opened, indent=2)
            opened.write("\n")
    print()
    for problem in soak.problems[:MOST_TOLD]:
        print("FAILED:", problem)
    if len(soak.problems) > MOST_TOLD:
        print(f"and {len(soak.problems) - MOST_TOLD} more")
    print("failed" if soak.problems else "passed")
    return 1 if soak.problems else 0


def positive(text):
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quotad", required=True, metavar="PROGRAM", help="the program to try")
    parser.add_argument("--minutes", type=positive, default=20.0, help="for how long (20)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--seed", type=int, default=1, help="of what the clients choose (1)")
    try:
        sys.exit(asyncio.run(main(parser.parse_args())))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("interrupted")
