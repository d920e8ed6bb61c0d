"""`quotad reset`: asks before it spends a credit, spends one at most, and says how to find out if nobody knows."""
import contextlib
import re

from stage import Stage

PROMPT = r"Type reset to spend it:\Z"
AGAIN = r"Type another to spend another credit:\Z"
UNKNOWN = r"(?m)^The outcome is unknown: a credit may have been spent\."
WAITING = r"Waiting for the service: \d+ s$"


def expect_nothing_spent(stage, answer, status):
    answer.expect(r"(?m)Nothing was spent\.$", status=status)
    assert stage.simulator.spent() == [], "a credit was spent"


def expect_one_spent(stage, key):
    assert stage.simulator.spent() == [key], stage.simulator.spent()
    assert stage.simulator.account()["availableCredits"] == 3


def printed_key(answer):
    return answer.line(r"^Key: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")[1]


def printed_command(answer):
    answer.expect(UNKNOWN)
    return answer.line(r"^  (\S.*\bquotad .*\breset .*)$")[1]


@contextlib.contextmanager
def asking(quotad):
    """A stage on which `quotad reset` waits for its confirmation."""
    with Stage(quotad) as stage:
        stage.shell.start("quotad reset")
        stage.shell.wait(PROMPT)
        yield stage


def confirm_and_wait(stage, command):
    """Until `command` waits for a service that holds its answer back, at the gate."""
    stage.simulator.fail({"route": "consume", "hold": "gate"})
    stage.shell.start(command)
    stage.shell.wait(PROMPT)
    stage.shell.keys("reset\r")
    stage.simulator.calls("consume", at_least=1)
    stage.shell.wait(WAITING)


@contextlib.contextmanager
def waiting(quotad):
    """A stage on which `quotad reset` waits for a service that holds its answer back."""
    with Stage(quotad) as stage:
        confirm_and_wait(stage, "quotad reset")
        yield stage


def find_out(stage, answer):
    """Runs the command that was printed, as it was printed, where it has to bring all that it needs."""
    command = printed_command(answer)
    stage.shell.run("unset CODEX_HOME QUOTAD_STATE_HOME")
    found = stage.shell.run(command).expect(r"(?m)^Done\b", r"0 % used", status=0)
    expect_one_spent(stage, printed_key(answer))
    return found


def case_plan_and_refusal(quotad):
    with asking(quotad) as stage:
        stage.shell.keys("no\r")
        answer = stage.shell.finish()
        plan = " ".join(answer.text.split())
        assert re.search(
            r"This spends one reset credit of 4; the service chooses\. "
            r"Soonest to expire: Welcome reset, which expires \w{3} \d\d:\d\d( [A-Z]+)?, in 1 d 6 h\.",
            plan,
        ), plan
        answer.line(r"^  5 hours .* 62 % used ")
        expect_nothing_spent(stage, answer, status=1)
        answer.expect_no("Key: ")
        assert stage.simulator.calls("consume") == []


def case_anything_but_the_word_is_no(quotad):
    with Stage(quotad) as stage:
        for typed in ("", "y", "yes", "RESET", "resetting", "reset it"):
            stage.shell.start("quotad reset")
            stage.shell.wait(PROMPT)
            stage.shell.keys(typed + "\r")
            expect_nothing_spent(stage, stage.shell.finish(), status=1)
        assert stage.simulator.calls("consume") == []


def case_typed_ahead(quotad):
    """What was typed before the question is no answer to it."""
    with Stage(quotad) as stage:
        stage.simulator.fail({"route": "usage", "hold": "gate"})
        stage.shell.start("quotad reset")
        stage.simulator.calls("usage", at_least=1)
        stage.shell.keys("reset\r")
        stage.shell.wait(r"^reset$")  # the terminal has it
        stage.simulator.release("gate")
        stage.shell.wait(PROMPT)
        stage.shell.keys("no\r")
        expect_nothing_spent(stage, stage.shell.finish(), status=1)


def case_confirmed(quotad):
    with asking(quotad) as stage:
        assert stage.simulator.calls("consume") == []
        stage.shell.keys("reset\r")
        answer = stage.shell.finish()
        answer.expect(r"(?m)^Done: a credit was spent", status=0)
        after = answer.text[answer.text.index("Done:") :]
        for window in ("5 hours", "7 days"):
            assert re.search(rf"(?m)^  {window} +░+ +0 % used +100 % left ", after), after
        assert "Reset credits  3 available" in after, after
        calls = stage.simulator.calls("consume")
        assert len(calls) == 1, calls
        key = printed_key(answer)
        assert f'"{key}"' in calls[0]["body"], calls
        expect_one_spent(stage, key)


def case_the_credit_that_was_named(quotad):
    with Stage(quotad) as stage:
        stage.shell.start("quotad reset --credit credit-outside")
        stage.shell.wait(PROMPT)
        stage.shell.keys("reset\r")
        answer = stage.shell.finish().expect("This spends Monthly reset, which expires", status=0)
        [redemption] = stage.simulator.account()["redemptions"]
        assert redemption["creditId"] == "credit-outside", redemption
        answer.expect_no("--credit credit-outside")


def case_end_of_input(quotad):
    with asking(quotad) as stage:
        stage.shell.keys("\x04")
        expect_nothing_spent(stage, stage.shell.finish(), status=1)
        assert stage.simulator.calls("consume") == []
        stage.shell.expect_ordinary()


def case_word_without_enter(quotad):
    with asking(quotad) as stage:
        stage.shell.keys("reset\x04\x04")
        expect_nothing_spent(stage, stage.shell.finish(), status=1)
        assert stage.simulator.calls("consume") == []


def case_interrupted_before_the_question(quotad):
    with Stage(quotad) as stage:
        stage.simulator.fail({"route": "usage", "hold": "gate"})
        stage.shell.start("quotad reset")
        stage.simulator.calls("usage", at_least=1)
        stage.shell.keys("\x03")
        expect_nothing_spent(stage, stage.shell.finish(), status=130)
        stage.shell.expect_ordinary()


def case_interrupted_at_the_question(quotad):
    with asking(quotad) as stage:
        stage.shell.keys("\x03")
        expect_nothing_spent(stage, stage.shell.finish(), status=130)
        assert stage.simulator.calls("consume") == []
        stage.shell.expect_ordinary()


def case_interrupted_while_waiting(quotad):
    with waiting(quotad) as stage:
        stage.shell.keys("\x03")
        answer = stage.shell.finish().expect(status=5)
        answer.expect_no("Nothing was spent", WAITING)
        stage.shell.expect_ordinary()
        stage.simulator.release("gate")
        find_out(stage, answer)


def case_answer_comes_late(quotad):
    with waiting(quotad) as stage:
        stage.simulator.release("gate")
        answer = stage.shell.finish().expect(r"(?m)^Done: a credit was spent", status=0)
        answer.expect_no(WAITING)
        expect_one_spent(stage, printed_key(answer))


def case_time_runs_out(quotad):
    with Stage(quotad) as stage:
        stage.simulator.fail({"route": "consume", "hang": True, "times": 0})
        stage.shell.start("quotad reset --consume-timeout-ms 3000")
        stage.shell.wait(PROMPT)
        stage.shell.keys("reset\r")
        answer = stage.shell.finish().expect(status=5).expect_no("Nothing was spent")
        stage.simulator.fail()
        find_out(stage, answer)


def case_answer_is_lost(quotad):
    """The service has spent the credit and nobody was told; the command that is printed finds out."""
    with asking(quotad) as stage:
        stage.simulator.fail({"route": "consume", "hang": True, "applied": True})
        stage.shell.keys("reset\r")
        stage.simulator.calls("consume", at_least=1)
        stage.shell.wait(WAITING)
        stage.shell.keys("\x03")
        answer = stage.shell.finish().expect(status=5)
        expect_one_spent(stage, printed_key(answer))
        find_out(stage, answer).expect(r"(?m)^Done before: this key has spent its credit already")


def case_another_reset_beside_an_unknown_one(quotad):
    """Refuses without asking, and prints the command that finishes the first."""
    with waiting(quotad) as stage:
        stage.shell.keys("\x03")
        key = printed_key(stage.shell.finish().expect(status=5))
        limits = stage.shell.run("quotad limits").expect(status=0)
        assert "The outcome of the reset begun " in " ".join(limits.text.split()), limits.text
        second = stage.shell.run("quotad reset")
        second.expect(r"The outcome of the reset begun .*, \d+ s ago, is unknown", status=5)
        second.expect_no("Key: ", "Type reset")
        assert len(stage.simulator.calls("consume")) == 1
        stage.simulator.release("gate")
        command = second.line(r"^  (\S.*\bquotad .*\breset .*)$")[1]
        stage.shell.run(command).expect(r"(?m)^Done\b", status=0)
        expect_one_spent(stage, key)


def case_a_reset_that_another_has_begun_meanwhile(quotad):
    with asking(quotad) as stage:
        stage.simulator.fail({"route": "consume", "hang": True, "applied": True})
        stage.read("reset", "--yes", "--consume-timeout-ms", "3000")
        stage.shell.keys("reset\r")
        answer = stage.shell.finish().expect(r"The outcome of the reset begun ", status=5)
        answer.expect_no("Key: ")
        assert len(stage.simulator.spent()) == 1


def case_done_but_still_full(quotad):
    full = {"usagePatch": {"rate_limit": {"primary_window": {"used_percent": 100}}}}
    with Stage(quotad, **full) as stage:
        stage.shell.start("quotad reset")
        stage.shell.wait(PROMPT)
        stage.shell.keys("reset\r")
        answer = stage.shell.finish().expect(r"(?m)^Done: a credit was spent\.$", status=0)
        after = " ".join(answer.text[answer.text.index("Done:") :].split())
        assert "still reports the windows as full. Look again later" in after, after
        assert "do not spend another credit" in after, after
        assert "afresh" not in after and "`quotad reset`" not in after, after


def case_soon_after_one_it_asks_twice(quotad):
    with asking(quotad) as stage:
        stage.shell.keys("reset\r")
        key = printed_key(stage.shell.finish().expect(status=0))
        for first, second in (("no", None), ("reset", "reset"), ("reset", "yes")):
            stage.shell.start("quotad reset")
            stage.shell.wait(PROMPT)
            stage.shell.keys(first + "\r")
            if second:
                stage.shell.wait(AGAIN)
                stage.shell.keys(second + "\r")
            answer = stage.shell.finish()
            expect_named = rf"A reset spent a credit \d+ s ago \(key \S+{key[-4:]}\)"
            answer.expect(expect_named, r"(?m)Nothing was spent\.$", status=1)
            expect_one_spent(stage, key)
        stage.simulator.use()  # used again
        stage.shell.start("quotad reset")
        stage.shell.wait(PROMPT)
        stage.shell.keys("reset\r")
        stage.shell.wait(AGAIN)
        stage.shell.keys("another\r")
        other = printed_key(stage.shell.finish().expect(r"(?m)^Done: a credit was spent", status=0))
        assert stage.simulator.spent() == [other], stage.simulator.spent()
        stage.simulator.use()
        stage.shell.start("quotad reset --again")
        stage.shell.wait(PROMPT)
        stage.shell.keys("reset\r")
        stage.shell.finish().expect(r"(?m)^Done: a credit was spent", status=0)


def case_service_asks_to_wait(quotad):
    with asking(quotad) as stage:
        stage.simulator.fail({"route": "consume", "status": 429, "headers": {"Retry-After": "150"}})
        stage.shell.keys("reset\r")
        answer = stage.shell.finish()
        expect_nothing_spent(stage, answer, status=1)
        answer.line(r"^The service asks to be left alone for 2 min\.$")
        answer.expect_no(UNKNOWN)
        assert len(stage.simulator.calls("consume")) == 1


def case_no_credit(quotad):
    with Stage(quotad, resetCredits=[]) as stage:
        answer = stage.shell.run("quotad reset").expect(status=1)
        answer.line(r"^There is no reset credit to spend\.$")
        assert stage.simulator.calls("consume") == []


def case_nobody_to_ask(quotad):
    with Stage(quotad) as stage:
        answer = stage.shell.run("quotad reset </dev/null").expect("--yes", status=2)
        answer.expect_no("Key: ")
        assert stage.simulator.calls("consume") == []
        agreed = stage.shell.run("quotad reset --yes </dev/null").expect(status=0)
        expect_one_spent(stage, printed_key(agreed))
