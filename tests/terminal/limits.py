"""`quotad limits`: what is left, until when, and what there is to do about it."""
import re
import time

from stage import Stage, hours, moment

EIGHTHS = " ▏▎▍▌▋▊▉"
BAR = f"[█{EIGHTHS.strip()}░]+"


def bar(used_percent, width):
    """As many eighths of columns as are used, and the rest as left."""
    full, part = divmod(used_percent * width * 8 // 100, 8)
    filled = "█" * full + (EIGHTHS[part] if part else "")
    return filled + "░" * (width - len(filled))


def expect_window(answer, name, used, reset):
    found = answer.line(
        rf"^  {name} +({BAR}) +{used} % used +{100 - used} % left  resets {reset}$"
    )
    assert found[1] == bar(used, len(found[1])), f"the bar of {used} % is {found[1]}"


def case_all_of_it(quotad):
    with Stage(quotad) as stage:
        answer = stage.shell.run("quotad limits").expect(status=0)
        ordinary = stage.read("limits")["rateLimits"]
        week = moment(ordinary["secondary"]["resetsAt"])
        expect_window(answer, "5 hours", 62, r"(\w{3} )?\d\d:\d\d( [A-Z]+)?, in 3 h \d+ min")
        expect_window(answer, "7 days", 31, f"{week}, in 4 d 2 h")
        answer.line(r"^Codex$")
        answer.line(r"^Spark$")
        answer.line(rf"^  5 hours +{BAR} +4 % used +96 % left ")
        answer.line(r"^Plan +pro$")
        answer.line(r"^Credits +5\.39, about \$0\.22$")
        answer.expect_no("Stopped")
        assert answer.is_painted, "no colours"


def case_reset_credits_soonest_first(quotad):
    with Stage(quotad) as stage:
        answer = stage.shell.run("quotad limits").expect(status=0)
        ends = {
            credit["id"]: credit["expiresAt"]
            for credit in stage.read("limits")["rateLimitResetCredits"]["credits"]
        }
        begin = answer.lines.index("Reset credits  4 available")
        found = [re.sub(" {2,}", "  ", line.strip()) for line in answer.lines[begin + 1 :]]
        assert found[-2] == "" and found[-1].startswith("Times are in "), found
        warning = "! expires soon: use it or lose it"
        assert found[:-2] == [
            f"Welcome reset  expires {moment(ends['credit-first'])}, in 1 d 6 h",
            warning,
            "--credit credit-first",
            f"Weekly reset  expires {moment(ends['credit-inside'])}, in 2 d 23 h",
            warning,
            "--credit credit-inside",
            f"Monthly reset  expires {moment(ends['credit-outside'])}, in 3 d 1 h",
            "--credit credit-outside",
            "Gift  does not expire",
            "--credit credit-never",
        ], found[:-2]


def case_dollars_as_asked(quotad):
    with Stage(quotad) as stage:
        none = stage.shell.run("quotad limits --credits-per-usd 0").expect(status=0)
        none.line(r"^Credits +5\.39$")
        none.expect_no(r"\$\d")
        one = stage.shell.run("quotad limits --credits-per-usd 1").expect(status=0)
        one.line(r"^Credits +5\.39, about \$5\.39$")


def case_plain(quotad):
    ways = (
        "quotad limits --plain",
        "NO_COLOR=1 quotad limits",
        "TERM=dumb quotad limits",
        "quotad limits | cat",
    )
    with Stage(quotad) as stage:
        for command in ways:
            answer = stage.shell.run(command).expect_plain().expect(status=0)
            answer.line(r"^  5 hours +\[#+-+\] +62 % used +38 % left  resets ")
            answer.line(r"^  7 days +\[#+-+\] +31 % used ")
        # A locale without UTF-8 takes the graphics, not the colours.
        posix = stage.shell.run("LANG=C quotad limits")
        assert posix.text.isascii() and posix.is_painted, posix.text


def case_times_where_one_is(quotad):
    with Stage(quotad) as stage:
        there = stage.read("limits")["rateLimits"]["secondary"]["resetsAt"] + hours(3)
        local = stage.shell.run("TZ=THERE-3 quotad limits")
        local.line(rf"^  7 days .* resets {moment(there, time.gmtime)}, in 4 d 2 h$")
        in_utc = stage.shell.run("TZ=THERE-3 quotad limits --utc")
        in_utc.line(rf"^  7 days .* resets {moment(there - hours(3), time.gmtime)} UTC, in 4 d 2 h$")


def case_narrow(quotad):
    with Stage(quotad) as stage:
        stage.shell.resize(40)
        answer = stage.shell.run("quotad limits").expect(status=0)
        assert max(map(len, answer.lines)) <= 40, answer.text
        answer.line(r"^  5 hours: 62 % used, 38 % left$")


def case_credits_carry_on(quotad):
    with Stage(quotad, primary={"usedPercent": 100}) as stage:
        answer = stage.shell.run("quotad limits").expect(status=0).expect_no("Stopped")
        answer.line(r"^Full +The 5-hour window is full until ")
        advice = " ".join(answer.text.split())
        assert "bought credits carry on meanwhile: 5.39, about $0.22" in advice, advice


def case_limit_reached(quotad):
    with Stage(quotad, primary={"usedPercent": 100}, credits={"hasCredits": False}) as stage:
        answer = stage.shell.run("quotad limits").expect(status=4)
        answer.line(r"^  5 hours +█+ +100 % used +0 % left ")
        answer.line(r"^Stopped +The 5-hour window is full until (\w{3} )?\d\d:\d\d( [A-Z]+)?, in 3 h \d+ min\.$")
        advice = " ".join(answer.text.split())
        assert re.search(
            r"Next it goes on in 3 h \d+ min\W+(at )?(\w{3} )?\d\d:\d\d( [A-Z]+)?\W+"
            r"there are no bought credits to carry on with; "
            r"`quotad reset` spends a reset credit and starts the windows afresh",
            advice,
        ), advice


def case_workspace_is_out_of_credits(quotad):
    patch = {"rate_limit_reached_type": {"type": "workspace_member_credits_depleted"}}
    with Stage(quotad, usagePatch=patch, resetCredits=[]) as stage:
        answer = stage.shell.run("quotad limits").expect(r"(?m)^Stopped +\S", status=4)
        answer.expect_no("quotad reset").line(r"^Reset credits  none$")


def case_service_asks_to_wait(quotad):
    with Stage(quotad) as stage:
        stage.simulator.fail({"route": "usage", "status": 429, "headers": {"Retry-After": "150"}})
        answer = stage.shell.run("quotad limits").expect(status=1)
        answer.line(r"^The service asks to be left alone for 2 min\.$")
        answer.expect(r"(?m)^quotad: .*\b429\b").expect_no("% used")
        assert len(stage.simulator.calls("usage")) == 1


def case_interrupted(quotad):
    for command, route in (("limits", "usage"), ("usage", "profile")):
        with Stage(quotad) as stage:
            stage.simulator.fail({"route": route, "hang": True})
            stage.shell.start(f"quotad {command}")
            stage.simulator.calls(route, at_least=1)
            stage.shell.keys("\x03")
            stage.shell.finish().expect(status=130).expect_no("% used", "tokens$")
            stage.shell.expect_ordinary()
