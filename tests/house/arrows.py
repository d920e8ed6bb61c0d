"""Checks that folders of the sources include only what docs/architecture.md lets them include.

    python3 tests/house/arrows.py ROOT

Reads the table between "<!-- arrows -->" marks ("| `rpc` | `account` `protocol` |") and every #include of src/ and
include/quotad/. Fails on an include without an arrow, on an arrow that no include needs, on a folder without a row,
on a circle, and on a library that the public headers must not show.
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)
HIDDEN_FROM_PROTOCOL = re.compile(r"^(boost/|curl/|sqlite|SQLiteCpp/|spdlog/|CLI/)")


def arrows_of(text):
    table = text.split("<!-- arrows -->")[1]
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", table, re.MULTILINE)
    return {folder: set(re.findall(r"`(\w+)`", targets)) for folder, targets in rows}


def includes_of(root):
    """Pairs (file, folder, included path)."""
    for top, depth in (("src", 1), ("include/quotad", 2)):
        for file in sorted((root / top).rglob("*.[ch]pp")):
            name = file.relative_to(root)
            for path in INCLUDE.findall(file.read_text()):
                yield name, name.parts[depth], path


def folder_of(path, folders):
    parts = path.split("/")
    folder = parts[1] if parts[0] == "quotad" and len(parts) > 1 else parts[0]
    return folder if folder in folders else None


def circle_in(arrows):
    done, way = set(), []

    def visit(folder):
        if folder in way:
            return way[way.index(folder):] + [folder]
        if folder in done:
            return None
        way.append(folder)
        for target in sorted(arrows.get(folder, ())):
            found = visit(target)
            if found:
                return found
        done.add(way.pop())
        return None

    return next(filter(None, map(visit, sorted(arrows))), None)


def problems(includes, arrows, folders):
    used = set()
    for folder in sorted(folders - set(arrows)):
        yield f"{folder} has no row in the table of docs/architecture.md"
    for folder in sorted(set(arrows) - folders):
        yield f"{folder} has a row in docs/architecture.md, and no folder"
    for file, folder, path in includes:
        target = folder_of(path, folders)
        if target and target != folder:
            used.add((folder, target))
            if target not in arrows.get(folder, set()):
                yield f"{file} includes {path}: the house has no arrow {folder} → {target}"
        if str(file).startswith("include/quotad/protocol/") and HIDDEN_FROM_PROTOCOL.match(path):
            yield f"{file} includes {path}: the public messages show no library but the JSON one"
    for folder, targets in sorted(arrows.items()):
        for target in sorted(targets):
            if (folder, target) not in used:
                yield f"nothing needs the arrow {folder} → {target} of docs/architecture.md"
    circle = circle_in(arrows)
    if circle:
        yield "a circle: " + " → ".join(circle)


def prove_that_it_finds():
    """Each kind of fault, planted, is told."""
    def found(includes, arrows):
        return [p for p in problems(includes, arrows, {"a", "b"})]

    fine = [("src/a/x.cpp", "a", "b/y.hpp")]
    assert not found(fine, {"a": {"b"}, "b": set()})
    assert "no arrow a → b" in found(fine, {"a": set(), "b": set()})[0]
    assert "nothing needs the arrow b → a" in found(fine, {"a": {"b"}, "b": {"a"}})[0]
    assert "a circle" in found(fine, {"a": {"b"}, "b": {"a"}})[1]
    assert "b has no row" in found(fine, {"a": {"b"}})[0]
    public = [("include/quotad/protocol/x.hpp", "a", "boost/asio.hpp"), *fine]
    assert "show no library" in found(public, {"a": {"b"}, "b": set()})[0]


def main():
    prove_that_it_finds()
    root = pathlib.Path(sys.argv[1])
    arrows = arrows_of((root / "docs/architecture.md").read_text())
    folders = {path.name for path in (root / "src").iterdir() if path.is_dir()}
    wrong = list(problems(list(includes_of(root)), arrows, folders))
    print("\n".join(wrong) or f"{sum(map(len, arrows.values()))} arrows among {len(folders)} folders")
    return 1 if wrong or not arrows else 0


sys.exit(main())
