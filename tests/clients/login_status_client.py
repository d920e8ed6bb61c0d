"""Asks `codex login status` who is signed in, and compares what stands on stderr letter by letter."""

import json
import os
import subprocess


def status(*words, before=(), **environment):
    done = subprocess.run(
        ["codex", *before, "login", *words, "status"],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    assert done.stdout == "", done
    return done.stderr, done.returncode


CHATGPT = ("Logged in using ChatGPT\n", 0)
assert status() == CHATGPT
assert status(before=["-c", 'model="x"']) == CHATGPT
assert status(before=["--config", "a.b=1", "-s", "read-only", "--strict-config"]) == CHATGPT
assert status("-c", 'model="x"') == CHATGPT

folder = os.path.join(os.path.dirname(os.environ["CODEX_HOME"]), "another-home")
os.mkdir(folder)
assert status(CODEX_HOME=folder) == ("Not logged in\n", 1)
auth = os.path.join(folder, "auth.json")
os.close(os.open(auth, os.O_CREAT, 0o600))
with open(auth, "w", encoding="utf-8") as file:
    json.dump({"OPENAI_API_KEY": "sk-test-1234567890abcdef"}, file)
assert status(CODEX_HOME=folder) == (
    "API key configured - sk-test-***bcdef\nAuthentication is checked when you send a request.\n",
    0,
)
with open(auth, "w", encoding="utf-8") as file:
    file.write("{")
words, code = status(CODEX_HOME=folder)
assert words.startswith("Error checking login status: ") and words.count("\n") == 1, words
assert code == 1

# Signing in is left to the real one, in a line that says so.
for command in (["login"], ["login", "--device-auth"], ["logout"], ["exec", "--json", "hello"], ["e"]):
    done = subprocess.run(["codex", *command], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.count("\n") == 1 and "use the Codex CLI itself" in done.stderr, done
print("done")
