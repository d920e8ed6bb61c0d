#!/bin/sh
# Runs a client that knows nothing of quotad: matrix.sh NPM_DIR QUOTAD CLIENT
#
# It says `done` when all went well. On its path it finds a program called `codex`, which is quotad, and in CODEX_HOME the sign-in to a
# simulator. Exit code 77 says that it was skipped.
npm_dir=$1 quotad=$2 client=$3
folder=$(mktemp -d) || exit 1
trap 'kill $simulator 2>/dev/null; wait; rm -rf "$folder"' EXIT

case $client in
  *.cjs)
    command -v node >/dev/null || { echo "skipped: node is not installed"; exit 77; }
    [ -d "$npm_dir/node_modules" ] ||
      { echo "skipped: no npm packages; ./dev test installs them"; exit 77; }
    interpreter=node ;;
  *.py) interpreter=python3 ;;
  *) interpreter=sh ;;
esac

mkfifo "$folder/ready"
"$quotad" simulate --write-home "$folder/home" >"$folder/ready" &
simulator=$!
exec 3<"$folder/ready"
read -r _ <&3 || { echo "the simulator did not start"; exit 1; }

mkdir "$folder/bin"
ln -s "$quotad" "$folder/bin/codex"
PATH=$folder/bin:$PATH CODEX_HOME=$folder/home XDG_STATE_HOME=$folder/state \
  NODE_PATH=$npm_dir/node_modules \
  $interpreter "$client" >"$folder/output" || exit 1
# Node ends well, too, where nothing is left to wait for.
[ "$(tail -n 1 "$folder/output")" = done ] || { echo "it did not come to its end"; exit 1; }
