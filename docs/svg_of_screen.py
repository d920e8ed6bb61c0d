"""Draws what a terminal shows, text with ECMA-48 colours on stdin, as SVG: svg_of_screen.py COLUMNS."""

import re
import sys
import unicodedata
from xml.sax.saxutils import escape

CELL, LINE, MARGIN = 8.4, 18, 12
COLORS = {"31": "#f47067", "32": "#57ab5a", "33": "#c69026"}
FOREGROUND, BACKGROUND = "#adbac7", "#22272e"


def columns(text):
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def pieces(line):
    """The line's texts, each with the style that it has."""
    style = {}
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not code:
            if part:
                yield part, dict(style)
            continue
        for number in code.group(1).split(";"):
            if number in ("", "0"):
                style = {}
            elif number == "1":
                style["font-weight"] = "bold"
            elif number == "2":
                style["fill-opacity"] = "0.55"
            elif number in COLORS:
                style["fill"] = COLORS[number]
            elif number == "39":
                style.pop("fill", None)


def main():
    width = int(sys.argv[1]) * CELL + 2 * MARGIN
    lines = sys.stdin.read().rstrip("\n").split("\n")
    height = len(lines) * LINE + 2 * MARGIN
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="{FOREGROUND}">'
    )
    print(f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>')
    for row, line in enumerate(lines):
        column = 0
        for text, style in pieces(line):
            taken = columns(text)
            if text.strip():
                attributes = "".join(f' {name}="{value}"' for name, value in style.items())
                print(
                    f'<text x="{MARGIN + column * CELL:.1f}" y="{MARGIN + row * LINE + 14}" '
                    f'textLength="{taken * CELL:.1f}" lengthAdjust="spacingAndGlyphs" '
                    f'xml:space="preserve"{attributes}>{escape(text)}</text>'
                )
            column += taken
    print("</svg>")


main()
