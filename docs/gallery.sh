#!/bin/sh
# Makes the gallery of README.md, what the commands for people show in front of the simulator, and
# docs/watch.svg: docs/gallery.sh [--check] [PROGRAM]. With --check it writes nothing, and fails where they are not
# what it would make. Needs tmux, curl, python3, and a program built with the tests, whose clock can be set.
set -eu
cd "$(dirname "$0")/.."
mode=write
if [ "${1:-}" = --check ]; then
  mode=check
  shift
fi
program=$(realpath "${1:-build/quotad}")
folder=$(mktemp -d)
# The gallery is the same whenever it is made.
QUOTAD_NOW=$(date -d 2026-11-22T03:01:00Z +%s)
export QUOTAD_NOW
key=6d29e314-a550-4a3f-941e-0b126e14e4d3
columns=80
rows=44

terminal() { tmux -S "$folder/tmux" "$@"; }

end() {
  terminal kill-server 2>/dev/null || true
  kill "$simulator" 2>/dev/null || true
  rm -rf "$folder"
}

# An account of which so many percent are used.
scenario() {
  cat <<SCENARIO
{"accounts": [{
  "accessToken": "gallery-token", "accountId": "account-gallery", "userId": "user-gallery",
  "planType": "plus",
  "primary": {"usedPercent": $1, "resetsInSeconds": 7320},
  "secondary": {"usedPercent": $(($1 / 2)), "windowSeconds": 604800, "resetsInSeconds": 352800},
  "additionalLimits": [{"meteredFeature": "codex_spark", "limitName": "Spark",
                        "primary": {"usedPercent": 4, "resetsInSeconds": 16200}}],
  "credits": {"hasCredits": true, "balance": "1250"},
  "resetCredits": [
    {"id": "credit-7f3a", "expiresInSeconds": 180000, "title": "Usage reset"},
    {"id": "credit-9c21", "expiresInSeconds": 2340000, "title": "Usage reset"}]
}]}
SCENARIO
}

# What stands on the screen now, without the empty lines at its end.
screen() { terminal capture-pane -p "$@" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }

# Waits until the screen shows this.
await() { until screen | grep -q "$1"; do terminal run-shell -d 0.05 true; done; }

# A block of the gallery: the command, and what it shows. The words $2 are typed when it asks for them.
show() {
  terminal send-keys "clear; $1; tmux -S $folder/tmux wait-for -S over" Enter
  if [ -n "${2:-}" ]; then
    await 'to spend it:'
    terminal send-keys "$2" Enter
  fi
  terminal wait-for over
  await '^\$$' # the prompt: all has been shown
  printf '```console\n$ %s\n' "$1"
  screen | sed '$d' # without the prompt
  printf '```\n\n'
}

mkfifo "$folder/out"
"$program" simulate --write-home "$folder/home" >"$folder/out" &
simulator=$!
trap end EXIT
read -r line <"$folder/out"
url=${line##* }
ln -s "$program" "$folder/quotad"
terminal -f /dev/null new-session -d -x $columns -y $rows "env -i TERM=tmux-256color LANG=C.UTF-8 \
  PATH=$folder:/usr/bin:/bin TZ=UTC QUOTAD_NOW=$QUOTAD_NOW CODEX_HOME=$folder/home QUOTAD_STATE_HOME=$folder/state PS1='$ ' sh"
{
  show 'quotad limits'
  show 'quotad usage --days 120'
  show 'quotad reset' reset
} >"$folder/blocks"

# The live view, after some readings between which more and more was used.
sed -i 's/simulated-access-token/gallery-token/; s/account-0001/account-gallery/' "$folder/home/auth.json"
curl -sS -X PUT "$url/_simulator/scenario" -d "$(scenario 40)" >/dev/null
terminal resize-window -x 100 -y 24
terminal send-keys 'clear; quotad watch' Enter
await '40 % used'
for used in 41 43 46 50 55 61 68 74; do
  curl -sS -X PUT "$url/_simulator/scenario" -d "$(scenario $used)" >/dev/null
  terminal send-keys r
  await "$used % used"
done
await 'next reading'
screen -e | python3 docs/svg_of_screen.py 100 >"$folder/watch.svg"
terminal send-keys q

python3 - $mode $key "$folder" <<'INSERT'
import pathlib, re, sys
mode, key, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
begin, end = "<!-- made by docs/gallery.sh -->\n", "<!-- end of what docs/gallery.sh made -->"
readme = pathlib.Path("README.md")
head, rest = readme.read_text().split(begin)
# A key is drawn by chance.
blocks = re.sub(r"(?m)^Key: [-0-9a-f]{36}$", f"Key: {key}", (folder / "blocks").read_text())
made = {
    readme: head + begin + blocks + end + rest.split(end)[1],
    pathlib.Path("docs/watch.svg"): (folder / "watch.svg").read_text(),
}
old = [path for path, text in made.items() if path.read_text() != text]
if mode == "check":
    sys.exit(f"out of date: {', '.join(map(str, old))}; run docs/gallery.sh" if old else 0)
for path in old:
    path.write_text(made[path])
INSERT
