"""`quotad watch`: a screen of its own, which follows the account and the terminal, and leaves no trace of itself."""
import contextlib
import re
import signal
import time

from stage import Stage

BEFORE = "what stood here before"
COUNTDOWN = r"next reading in (\d+) s\b"


@contextlib.contextmanager
def watching(quotad, arguments="--interval 60", **changes):
    """A stage on which `quotad watch` shows its first reading."""
    with Stage(quotad, **changes) as stage:
        stage.shell.run(f"echo {BEFORE}")
        stage.shell.start("quotad watch " + arguments)
        stage.shell.wait(r"\b62 % used\b")
        yield stage


def refresh(stage, used):
    """Another reading, of another percentage, which is how it is known from the one before."""
    stage.simulator.use(primary={"usedPercent": used})
    stage.shell.keys("r")
    stage.shell.wait(rf"\b{used} % used\b")


def expect_given_back(stage, answer, status):
    """The terminal is as it was, with what stood on it."""
    answer.expect(status=status)
    shown = stage.shell.text()
    assert re.search(rf"(?m)^{BEFORE}$", shown), shown
    assert "q quit" not in shown and "% used" not in shown, shown
    stage.shell.expect_ordinary()


def wait_for_clean_screen(stage):
    """Until the screen shows the last frame and nothing beside it, which is given."""

    def look():
        frame = [line.rstrip() for line in stage.shell.last_frame()]
        return frame if stage.shell.text() == "\n".join(frame).rstrip("\n") else None

    return stage.shell.wait_until(look, "a screen without leftovers")


def case_shows_and_follows(quotad):
    with watching(quotad) as stage:
        shown = stage.shell.text()
        assert stage.shell.tmux.value("alternate_on") == "1"
        assert stage.shell.tmux.value("cursor_flag") == "0"
        assert "r refresh   q quit" in shown and BEFORE not in shown, shown
        assert re.search(r"(?m)^  5 hours +[█▏▎▍▌▋▊▉░]+ +62 % used .* ▅ 0 % +resets ", shown), shown
        assert re.search(r"(?m)^  7 days +[█▏▎▍▌▋▊▉░]+ +31 % used .* ▃ 0 % +resets ", shown), shown
        refresh(stage, 93)
        stage.shell.wait(r"^  5 hours .* 93 % used .* ▅▇ \+31 % +resets ")
        stage.shell.wait(r"^  7 days .* 31 % used .* ▃▃ 0 % +resets ")
        refresh(stage, 20)
        stage.shell.wait(r"^  5 hours .* 20 % used .* ▅▇▂ -42 % +resets ")


def case_counts_down(quotad):
    with watching(quotad) as stage:
        first = int(stage.shell.wait(COUNTDOWN)[1])

        def has_counted():
            match = re.search(COUNTDOWN, stage.shell.text())
            return match and int(match[1]) < first

        stage.shell.wait_until(has_counted, f"less than {first} s")
        stage.shell.wait(r"\bread \d+ s ago\b")
        assert len(stage.simulator.calls("usage")) == 1


def case_reads_again_by_itself(quotad):
    with watching(quotad, "--interval 1") as stage:
        stage.simulator.use(primary={"usedPercent": 63})
        stage.shell.wait(r"\b63 % used .* \+1 %")


def case_credits_are_listed_once(quotad):
    with watching(quotad) as stage:
        assert len(stage.simulator.calls("details")) == 1
        for used in (63, 64, 65):
            refresh(stage, used)  # with which the simulator starts to count anew
            stage.shell.wait("--credit credit-first")
            assert len(stage.simulator.calls("usage")) == 1
            assert stage.simulator.calls("details") == []


def case_resized(quotad):
    with watching(quotad) as stage:
        for width, row in ((40, r"^  5 hours: 62 % used, 38 % left$"), (100, r"^  5 hours +█")):
            stage.shell.resize(width)
            stage.shell.wait(row)
            frame = wait_for_clean_screen(stage)
            assert max(map(len, frame)) <= width, frame
        # What does not fit is left out, but never how to get away.
        stage.shell.resize(40, 10)
        stage.shell.wait_until(lambda: len(stage.shell.last_frame()) <= 10, "ten lines")
        assert wait_for_clean_screen(stage)[-1] == "r refresh   q quit"
        stage.shell.resize(100)
        stage.shell.keys("q")
        expect_given_back(stage, stage.shell.finish(), status=0)


def case_shows_what_limits_show(quotad):
    with watching(quotad, primary={"usedPercent": 62}) as stage:
        shown = stage.shell.text()
        assert re.search(r"(?m)^Plan +pro$", shown), shown
        assert re.search(r"(?m)^Credits +5\.39, about \$0\.22$", shown), shown
        stage.simulator.use(primary={"usedPercent": 100}, credits={"hasCredits": False})
        stage.shell.keys("r")
        stage.shell.wait(r"^Stopped +The 5-hour window is full until ")
        stage.shell.wait(r"^Next +it goes on in ")


def case_the_log_waits_for_the_end(quotad):
    words = "the service sent `usage.plan_type` in a form that cannot be read"
    with watching(quotad, usagePatch={"plan_type": 5}) as stage:
        frame = wait_for_clean_screen(stage)
        assert words not in " ".join(frame), frame
        stage.shell.keys("q")
        answer = stage.shell.finish().expect(status=0)
        assert words in " ".join(answer.text.split()), answer.text


def case_plain(quotad):
    with Stage(quotad) as stage:
        stage.shell.start("quotad watch --plain")
        stage.shell.wait(r"^  5 hours +\[#+-+\] +62 % used .* - 0 % +resets ")
        stage.shell.wait(COUNTDOWN)
        assert stage.shell.text().isascii(), stage.shell.text()
        painted = stage.shell.capture("-e")
        assert not any("\x1b" in row for row in painted), painted


def case_quit(quotad):
    with watching(quotad) as stage:
        stage.shell.keys("q")
        expect_given_back(stage, stage.shell.finish(), status=0)


def case_quit_while_reading(quotad):
    with watching(quotad) as stage:
        stage.simulator.fail({"route": "usage", "hang": True})
        stage.shell.keys("r")
        stage.shell.wait("^reading …")
        stage.shell.keys("q")
        expect_given_back(stage, stage.shell.finish(), status=0)


def case_interrupted(quotad):
    with watching(quotad) as stage:
        stage.shell.keys("\x03")
        expect_given_back(stage, stage.shell.finish(), status=0)


def case_stopped_and_continued(quotad):
    with watching(quotad) as stage:
        stage.shell.keys("\x1a")
        expect_given_back(stage, stage.shell.finish(), status=128 + signal.SIGTSTP)
        stage.shell.start("fg")
        stage.shell.wait(r"\b62 % used\b")
        assert stage.shell.tmux.value("alternate_on") == "1"
        wait_for_clean_screen(stage)
        refresh(stage, 93)  # without the Enter that a shell needs
        stage.shell.keys("q")
        expect_given_back(stage, stage.shell.finish(), status=0)


def case_sent_to_the_background(quotad):
    with watching(quotad) as stage:
        stage.shell.keys("\x1a")
        stage.shell.finish()
        stage.shell.run("bg")
        stopped = stage.shell.run("until jobs >jobs; grep Stopped jobs; do :; done")
        expect_given_back(stage, stopped.expect("tty output"), status=0)


def case_back_from_the_background(quotad):
    with watching(quotad) as stage:
        stage.shell.keys("\x1a")
        stage.shell.finish()
        stage.shell.run("bg")
        stage.shell.run("until jobs >jobs; grep Stopped jobs; do :; done")
        stage.shell.start("fg")
        stage.shell.wait(r"\b62 % used\b")
        refresh(stage, 93)  # without the Enter that a shell needs
        stage.shell.keys("q")
        expect_given_back(stage, stage.shell.finish(), status=0)


def killed_by(quotad, number, status):
    with watching(quotad) as stage:
        program = stage.shell.foreground()
        assert program.pid != stage.shell.pid
        program.send(number)
        program.close()
        expect_given_back(stage, stage.shell.finish(), status)


def case_terminated(quotad):
    killed_by(quotad, signal.SIGTERM, status=0)


def case_hung_up(quotad):
    killed_by(quotad, signal.SIGHUP, status=0)


def case_crashed(quotad):
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT):
        killed_by(quotad, number, status=128 + number)


def case_terminal_closed(quotad):
    with watching(quotad) as stage:
        program = stage.shell.foreground()
        try:
            stage.shell.end()  # which sees to it that nothing is left
            assert program.has_ended(0)
        finally:
            program.close()


def case_service_fails(quotad):
    with watching(quotad) as stage:
        stage.simulator.fail({"route": "usage", "status": 500})
        stage.shell.keys("r")
        stage.shell.wait(r"\b500\b")
        stage.shell.wait(r"\b62 % used\b")  # what is known is still shown
        refresh(stage, 70)
        assert not re.search(r"\b500\b", stage.shell.text()), stage.shell.text()


def case_service_asks_to_wait(quotad):
    with Stage(quotad) as stage:
        stage.simulator.fail({"route": "usage", "status": 429, "headers": {"Retry-After": "600"}})
        stage.shell.start("quotad watch --interval 1")
        asked_to_wait = r"^the service asked to wait; next reading in \d+ min"
        stage.shell.wait(asked_to_wait)
        stage.shell.keys("r")
        assert "reading …" not in stage.shell.wait_for_frames(3)  # one each second
        stage.shell.wait(asked_to_wait)
        assert len(stage.simulator.calls("usage")) == 1
        stage.shell.keys("q")
        stage.shell.finish().expect(status=0)


def case_goes_on_after_the_wait(quotad):
    with Stage(quotad) as stage:
        stage.simulator.fail({"route": "usage", "status": 429, "headers": {"Retry-After": "3"}})
        begin = time.monotonic()
        stage.shell.start("quotad watch --interval 1")
        stage.shell.wait(r"\b62 % used\b")
        assert time.monotonic() - begin >= 3
        assert "the service asked to wait" in stage.shell.tmux.shown.decode(errors="replace")
        assert "asked to wait" not in stage.shell.text()
