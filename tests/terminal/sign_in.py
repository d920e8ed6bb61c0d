"""Where nobody is signed in, every command says so, and what to do about it."""
from stage import Stage

NOT_SIGNED_IN = r"(?m)\bauthentication required\b"
ADVICE = r"(?m)^Sign in with `codex login`"


def refused(quotad, command):
    with Stage(quotad) as stage:
        answer = stage.shell.run(f"{stage.empty_home()} quotad {command}")
        answer.expect(NOT_SIGNED_IN, ADVICE, status=3)
        return answer


def case_limits(quotad):
    refused(quotad, "limits").expect_no("% used")


def case_usage(quotad):
    refused(quotad, "usage").expect_no("tokens$")


def case_reset(quotad):
    refused(quotad, "reset").expect_no("Type reset", "Key: ")


def case_watch(quotad):
    """Goes on, because somebody may sign in."""
    with Stage(quotad) as stage:
        stage.shell.start(f"{stage.empty_home()} quotad watch --interval 60")
        stage.shell.wait(NOT_SIGNED_IN)
        stage.shell.wait(r"next reading in \d+ ")
        stage.sign_in_there()
        stage.shell.keys("r")
        stage.shell.wait(r"\b62 % used\b")
        stage.shell.keys("q")
        stage.shell.finish().expect(status=0)
        stage.shell.expect_ordinary()
