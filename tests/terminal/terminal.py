"""A shell in a pane of tmux, driven in control mode: commands go in, their answers and notices of what the pane
has shown come out, so that nobody has to guess how long something takes."""
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import time

PATIENCE_SEC = 60
WIDTH = 100
HEIGHT = 60

# dash, because it leaves the terminal as a program has left it; bash would put it in order.
SHELL = ["dash", "-i"]
CONTROL_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# What stands between two ways home of the cursor.
FRAME = re.compile(r"\x1b\[H((?:(?!\x1b\[H).)+)\x1b\[H", re.DOTALL)


class Process:
    """One that is not our child, by a handle that its pid's next owner cannot take over."""

    def __init__(self, pid):
        self.pid = pid
        self.handle = os.pidfd_open(pid)

    def send(self, number):
        try:
            signal.pidfd_send_signal(self.handle, number)
        except ProcessLookupError:
            pass

    def has_ended(self, patience):
        return bool(select.select([self.handle], [], [], patience)[0])

    def close(self):
        os.close(self.handle)


def processes_of_session(leader):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if stat_fields(name)[3] == str(leader):
                found.append(Process(int(name)))
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended meanwhile
    return found


def stat_fields(pid):
    """From the state on, as proc(5) has them: 3 is the session, 5 the terminal's foreground group."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as opened:
        return opened.read().rsplit(")", 1)[1].split()


def unescape(text):
    """What tmux writes as \\ooo, as bytes again."""
    return re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), text)


class Tmux:
    """A server of our own, with one pane, and the client that controls it."""

    def __init__(self, folder, command):
        if shutil.which("tmux") is None:
            raise FileNotFoundError("tmux is not installed; `./dev test` installs it")
        self.shown = bytearray()  # all that the pane was sent
        self.notices = 0  # of what the pane was sent
        self.buffer = b""
        self.client = subprocess.Popen(
            ["tmux", "-u", "-S", os.path.join(folder, "tmux"), "-f", "/dev/null", "-C"]
            + ["new-session", "-x", str(WIDTH), "-y", str(HEIGHT), "-c", folder, command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder},
            start_new_session=True,  # Ctrl-C is for us, which end it in order
        )
        self.server = None
        try:
            self.reply()  # to new-session
            # If we are killed, the server goes, too.
            self.ask("set-option -s exit-unattached on")
            self.server = Process(int(self.value("pid")))
        except BaseException:
            self.end()
            raise

    def line(self, patience):
        """The next line from tmux, or None if there is none by then."""
        until = time.monotonic() + patience
        while b"\n" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.client.stdout], [], [], left)[0]:
                return None
            piece = os.read(self.client.stdout.fileno(), 65536)
            if not piece:
                raise ConnectionError("tmux has ended")
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def notice(self, line):
        if line.startswith(b"%output "):
            self.notices += 1
            self.shown += unescape(line.split(b" ", 2)[2])

    def reply(self):
        """The lines of the next reply; what is noticed on the way is kept."""
        lines = None
        while True:
            line = self.line(PATIENCE_SEC)
            if line is None:
                raise TimeoutError("tmux does not answer")
            if lines is None:
                if line.startswith(b"%begin "):
                    lines = []
                else:
                    self.notice(line)
            elif line.startswith(b"%end "):
                return [text.decode() for text in lines]
            elif line.startswith(b"%error "):
                raise ValueError(b"\n".join(lines).decode())
            else:
                lines.append(line)

    def ask(self, command):
        self.client.stdin.write(command.encode() + b"\n")
        self.client.stdin.flush()
        return self.reply()

    def value(self, name):
        return self.ask(f"display-message -p '#{{{name}}}'")[0]

    def wait_for_notice(self, known, until):
        """Until there are more notices than `known`; false if there are none in time."""
        while self.notices == known:
            line = self.line(until - time.monotonic())
            if line is None:
                return False
            self.notice(line)
        return True

    def end(self):
        try:
            if self.client.poll() is None:
                self.ask("kill-server")
        except (OSError, TimeoutError):
            pass  # it has ended, or will be made to
        finally:
            self.client.kill()
            self.client.wait()
            self.client.stdin.close()
            self.client.stdout.close()
            if self.server:
                if not self.server.has_ended(PATIENCE_SEC):
                    self.server.send(signal.SIGKILL)
                self.server.close()


class Answer:
    """What a command has written to the terminal, and its exit status."""

    def __init__(self, lines, is_painted, status):
        self.lines = lines
        self.text = "\n".join(lines)
        self.is_painted = is_painted
        self.status = status

    def line(self, pattern):
        """The only line in which `pattern` is found, as a match."""
        found = [match for match in (re.search(pattern, line) for line in self.lines) if match]
        assert len(found) == 1, f"{pattern!r} is in {len(found)} lines, not in 1, of\n{self.text}"
        return found[0]

    def expect(self, *patterns, status=None):
        for pattern in patterns:
            assert re.search(pattern, self.text), f"{pattern!r} is not in\n{self.text}"
        if status is not None:
            assert self.status == status, f"status {self.status}, not {status}, after\n{self.text}"
        return self

    def expect_no(self, *patterns):
        for pattern in patterns:
            assert not re.search(pattern, self.text), f"{pattern!r} is in\n{self.text}"
        return self

    def expect_plain(self):
        assert not self.is_painted, f"colours in\n{self.text}"
        assert self.text.isascii(), f"more than ASCII in\n{self.text}"
        return self


class Shell:
    """An interactive shell in a terminal, in which a test types."""

    def __init__(self, folder, environment):
        words = ["exec", "env", "-i", *(f"{name}={value}" for name, value in environment.items())]
        self.tmux = Tmux(folder, " ".join(shlex.quote(word) for word in [*words, *SHELL]))
        self.pid = int(self.tmux.value("pane_pid"))
        self.number = 0
        self.wait(r"^\$$")

    def capture(self, flags=""):
        """The rows that are shown, those that were wrapped as one, without spaces at their ends."""
        rows = self.tmux.ask("capture-pane -p -J " + flags)
        return [row.rstrip() for row in rows]

    def text(self):
        return "\n".join(self.capture()).rstrip("\n")

    def wait_until(self, look, what):
        """Looks again whenever the terminal has changed; gives what `look()` gives at last."""
        until = time.monotonic() + PATIENCE_SEC
        while True:
            known = self.tmux.notices
            if found := look():
                return found
            if not self.tmux.wait_for_notice(known, until):
                shown = self.text()
                raise AssertionError(f"waited in vain for {what}; the terminal shows\n{shown}")

    def wait(self, pattern):
        """Until `pattern` is shown, which is given as a match; ^ and $ are ends of rows."""
        return self.wait_until(
            lambda: re.search(pattern, self.text(), re.MULTILINE), f"the pattern {pattern!r}"
        )

    def wait_for_frames(self, count):
        """Until a program has drawn its screen so often; gives all that was written meanwhile."""
        begin = len(self.tmux.shown)
        self.wait_until(
            lambda: self.tmux.shown.count(b"\x1b[H", begin) >= count, f"{count} frames"
        )
        return self.tmux.shown[begin:].decode(errors="replace")

    def keys(self, text):
        """Types `text`, in which "\\x03" is Ctrl-C."""
        self.tmux.ask("send-keys -H " + " ".join(f"{byte:02x}" for byte in text.encode()))

    def start(self, command):
        """Types a command line, which says at its end what the command has ended with."""
        self.number += 1
        self.keys(f"{command}; echo status=$? command={self.number}\r")

    def finish(self):
        """Waits for the end of the command line that was started last."""
        return self.wait_until(self.answer, f"the end of command {self.number}")

    def run(self, command):
        self.start(command)
        return self.finish()

    def answer(self):
        rows = self.capture("-S -")
        typed = f"echo status=$? command={self.number}"
        begin = next((i for i, row in enumerate(rows) if row.endswith(typed)), None)
        end = re.compile(rf"status=(\d+) command={self.number}$")
        for i, row in enumerate(rows):
            match = end.search(row)
            if not match or begin is None:
                continue
            if not any(row == "$" for row in rows[i + 1 :]):
                return None  # until the shell listens again
            lines = rows[begin + 1 : i]
            if rest := row[: match.start()]:
                lines.append(rest)  # of a line without its end
            painted = self.capture("-e -S -")[begin + 1 : i + 1]
            return Answer(lines, any("\x1b" in row for row in painted), int(match[1]))
        return None

    def resize(self, width, height=HEIGHT):
        self.tmux.ask(f"resize-window -x {width} -y {height}")

    def last_frame(self):
        """The lines of the last screen that a program has drawn in full, as it has written them."""
        frames = FRAME.findall(self.tmux.shown.decode(errors="replace"))
        lines = frames[-1].split("\r\n") if frames else []
        return [CONTROL_SEQUENCE.sub("", line) for line in lines]

    def foreground(self):
        """The process that has the terminal now."""
        return Process(int(stat_fields(self.pid)[5]))

    def expect_ordinary(self):
        """The terminal is as a shell's should be: its own screen, cursor, wrapping, lines and echo."""
        for name, value in (("alternate_on", "0"), ("cursor_flag", "1"), ("wrap_flag", "1")):
            found = self.tmux.value(name)
            assert found == value, f"{name} is {found} afterwards"
        modes = self.run("stty -a").text.split()
        for mode in ("icanon", "echo", "isig", "icrnl", "opost"):
            assert mode in modes, f"`{mode}` is off afterwards"

    def end(self):
        """Closes the terminal, with which everything that runs in it must end."""
        if self.tmux is None:
            return
        left = processes_of_session(self.pid)
        tmux, self.tmux = self.tmux, None
        tmux.end()
        stubborn = [process for process in left if not process.has_ended(PATIENCE_SEC)]
        for process in stubborn:
            process.send(signal.SIGKILL)
        for process in left:
            process.close()
        assert not stubborn, "a process has outlived its terminal"
