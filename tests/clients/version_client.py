"""Looks for the program's version before it starts it, with expressions that public clients use. Most are
anchored at the end, and whatever stands on stderr is taken for a failure."""

import re
import subprocess

PARSERS = [
    r"^codex-cli (\d+\.\d+\.\d+)$",
    r"^codex-cli\s+v?(\d+)\.(\d+)\.(\d+)$",
    r"^codex(?:-cli)? (\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$",
    r"^(?:codex-cli\s+)?(\d+\.\d+\.\d+(?:-(?:alpha|beta)\.\d+)?)\s*$",
    r"(\d+\.\d+\.\d+)",
]

for words in (["--version"], ["-V"], ["-c", "model=x", "--version"]):
    done = subprocess.run(["codex", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    assert done.stderr == "", done
    assert done.stdout == "codex-cli 0.171.0\n", done
    for parser in PARSERS:
        assert re.search(parser, done.stdout.strip()), (parser, done.stdout)
    # The last word is all that some take.
    assert done.stdout.split()[-1] == "0.171.0"
print("done")
