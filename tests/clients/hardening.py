"""What the built program is guarded with, as its own headers and the commands that compiled it tell.
Usage: hardening.py QUOTAD COMPILE_COMMANDS SOURCE_DIR"""
import json
import pathlib
import re
import subprocess
import sys


def read(*what):
    return subprocess.run(["readelf", "-W", *what], check=True, capture_output=True, text=True).stdout


def compiled_without(flag, commands, source):
    """Sources of the program that were compiled without `flag`, or with another of its kind after it."""
    kind = flag.split("=")[0]
    own = [entry for entry in commands if pathlib.Path(entry["file"]).is_relative_to(source / "src")]
    assert len(own) > 50, "these are not the commands of the program"
    words = {entry["file"]: [word for word in entry["command"].split() if word.startswith(kind)] for entry in own}
    return [file for file, given in words.items() if not given or given[-1] != flag]


def main(program, compile_commands, source):
    commands = json.loads(pathlib.Path(compile_commands).read_text())
    source = pathlib.Path(source)
    header = read("--file-header", program)
    segments = read("--program-headers", program)
    dynamic = read("--dynamic", program)
    symbols = read("--dyn-syms", program)
    stack = re.search(r"GNU_STACK.*", segments)
    checks = {
        "it is loaded anywhere (PIE)": re.search(r"Type:\s+DYN", header)
        and re.search(r"FLAGS_1.*\bPIE\b", dynamic),
        "relocations are read-only": "GNU_RELRO" in segments,
        "and all made at start": re.search(r"FLAGS.*\bBIND_NOW\b", dynamic)
        or re.search(r"FLAGS_1.*\bNOW\b", dynamic),
        "the stack is not executable": stack and "RWE" not in stack[0],
        "no segment is written and executed": not re.search(r"LOAD.*RWE", segments),
        "stack protector": "__stack_chk_fail" in symbols
        and not compiled_without("-fstack-protector-strong", commands, source),
        "fortified library calls": re.search(r"__\w+_chk\b(?<!__stack_chk)", symbols)
        and not compiled_without("-D_FORTIFY_SOURCE=2", commands, source),
        "no path of libraries of its own": "RPATH" not in dynamic and "RUNPATH" not in dynamic,
    }
    missing = [name for name, found in checks.items() if not found]
    print("\n".join(f"{'missing' if name in missing else 'there'}: {name}" for name in checks))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
