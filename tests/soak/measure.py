"""What a process uses, as /proc tells it."""
import os
import statistics


class Sample:
    """Of one moment."""

    def __init__(self, at, rss_kb, threads, descriptors, requests, answers):
        self.at = at
        self.rss_kb = rss_kb
        self.threads = threads
        self.descriptors = descriptors
        self.requests = requests
        self.answers = answers


def status(pid):
    fields = {}
    with open(f"/proc/{pid}/status", encoding="utf-8") as opened:
        for line in opened:
            name, value = line.split(":", 1)
            fields[name] = value.split()[0] if value.split() else ""
    return fields


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as opened:
        fields = opened.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sample(pid, at, requests, answers):
    fields = status(pid)
    count = len(os.listdir(f"/proc/{pid}/fd"))
    return Sample(at, int(fields["VmRSS"]), int(fields["Threads"]), count, requests, answers)


def descriptors(pid):
    """What each of them is."""
    found = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
        except FileNotFoundError:
            pass
    return found


STATES = {1: "established", 4: "waits for the peer's end", 8: "ended by the peer"}


def sockets(pid):
    """By their name as a descriptor: the port of the other side (None unless it is TCP), and a word on each."""
    found = {}
    with open(f"/proc/{pid}/net/tcp", encoding="utf-8") as opened:
        for line in list(opened)[1:]:
            fields = line.split()
            state = int(fields[3], 16)
            port = int(fields[2].split(":")[1], 16)
            words = f"TCP, {STATES.get(state, state)}, bytes to send and to read: {fields[4]}"
            found[f"socket:[{fields[9]}]"] = (port, words)
    with open(f"/proc/{pid}/net/unix", encoding="utf-8") as opened:
        for line in list(opened)[1:]:
            fields = line.split()
            found[f"socket:[{fields[6]}]"] = (None, f"Unix, state {fields[5]}")
    return found


class Window:
    """A part of the time, and what was used in it."""

    def __init__(self, samples, start, end):
        inside = [one for one in samples if start <= one.at < end]
        before = [one for one in samples if one.at < start]
        self.start, self.end = start, end
        self.samples = len(inside)
        if not inside:
            return
        first = before[-1] if before else inside[0]
        self.requests = inside[-1].requests - first.requests
        self.answers = inside[-1].answers - first.answers
        self.rss_mb = statistics.median(one.rss_kb for one in inside) / 1024
        self.rss_max_mb = max(one.rss_kb for one in inside) / 1024
        self.descriptors = statistics.median(one.descriptors for one in inside)
        self.descriptors_max = max(one.descriptors for one in inside)
        self.threads = sorted({one.threads for one in inside})


def windows(samples, duration, count):
    """The time after the first quarter, in so many parts of the same length."""
    warm = duration / 4
    length = (duration - warm) / count
    return [
        Window(samples, warm + number * length, warm + (number + 1) * length)
        for number in range(count)
    ]
