"""Drives the program in a terminal as a person does, against the simulator.

Usage: run.py QUOTAD TOPIC [CASE…]; topics are the modules beside this one that have cases.
"""
import importlib
import signal
import sys
import traceback

sys.dont_write_bytecode = True

# Before ctest's patience is over, which would leave processes and files behind.
LONGEST_SEC = 280


def give_up(number, _):
    raise SystemExit(f"ended by {signal.Signals(number).name}")


def run(name, case, quotad):
    """Whether it went well; says which case it is, and why if it did not."""
    try:
        case(quotad)
    except Exception:
        traceback.print_exc()
        print(f"failed: {name}", flush=True)
        return False
    print(f"ok: {name}", flush=True)
    return True


def main(quotad, topic, *names):
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, give_up)
    signal.alarm(LONGEST_SEC)
    module = importlib.import_module(topic)
    cases = {
        name.removeprefix("case_"): case
        for name, case in vars(module).items()
        if name.startswith("case_")
    }
    done = [run(name, cases[name], quotad) for name in names or cases]
    return 0 if done and all(done) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
