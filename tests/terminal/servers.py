"""The commands as clients of an app-server that runs."""
import re

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
