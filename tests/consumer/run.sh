#!/bin/sh
# Installs the package, builds the consumer against it and nothing else, and runs it against the
# simulator: run.sh BUILD_DIR SOURCE_DIR QUOTAD COMPILER
set -eu
build=$1 source=$2 quotad=$3 compiler=$4
work=$(mktemp -d)
simulator=
trap '[ -z "$simulator" ] || kill "$simulator" 2>/dev/null; rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
"$work/prefix/bin/quotad" --version
cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_CXX_COMPILER="$compiler" >"$work/configure.log"
cmake --build "$work/build"

mkfifo "$work/says"
"$quotad" simulate >"$work/says" &
simulator=$!
read -r line <"$work/says"
url=${line##* }
used=$("$work/build/consumer" "$url/backend-api" simulated-access-token account-0001)
echo "used: $used"
[ "$used" = 62 ]
if "$work/build/consumer" "$url/backend-api" another-token account-0001 >"$work/refused"; then
  echo "a wrong token was taken"; exit 1
fi
grep -q "401 Unauthorized" "$work/refused"
