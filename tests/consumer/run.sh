#!/bin/sh
# Installs the package, looks at the man page and asks the shells for completions, builds the consumer
# against the package and nothing else, and runs it against the simulator:
# run.sh BUILD_DIR SOURCE_DIR QUOTAD COMPILER
set -eu
build=$1 source=$2 quotad=$3 compiler=$4
work=$(mktemp -d)
simulator=
trap '[ -z "$simulator" ] || kill "$simulator" 2>/dev/null; rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
"$work/prefix/bin/quotad" --version

# The units, with the place that the program was configured for.
units=$work/prefix/lib/systemd/user
grep -q '^ExecStart=/.*/quotad app-server$' "$units/quotad.service"
grep -q '^ListenStream=%t/quotad' "$units/quotad.socket"
for guard in NoNewPrivileges=yes MemoryDenyWriteExecute=yes UMask=0077 LimitCORE=0 SystemCallFilter=@system-service; do
  grep -qx "$guard" "$units/quotad.service"
done
# systemd finds nothing wrong with them; the program is in the prefix here.
mkdir "$work/units" "$work/runtime"
sed "s|^ExecStart=[^ ]*|ExecStart=$work/prefix/bin/quotad|" "$units/quotad.service" >"$work/units/quotad.service"
cp "$units/quotad.socket" "$work/units"
XDG_RUNTIME_DIR=$work/runtime systemd-analyze --user --man=no verify "$work/units/quotad.service" \
  "$work/units/quotad.socket" >"$work/verify.log" 2>&1 || { cat "$work/verify.log"; exit 1; }
[ ! -s "$work/verify.log" ] || { cat "$work/verify.log"; exit 1; }

# Formatted, so that it is a page and not an error of whoever wrote it; without its underlining.
share=$work/prefix/share
mandoc -T utf8 "$share/man/man1/quotad.1" | sed 's/.\x08//g' >"$work/page"
grep -q 'quotad app-server generate-ts' "$work/page"

# offers SHELL WORDS…: a shell of somebody who has nothing but the prefix offers the one command there is.
offers() {
  offered=$(PATH=$work/prefix/bin:$PATH XDG_DATA_DIRS=$share HOME=$work TERM=dumb timeout 60 "$@")
  echo "$1 offers: $offered"
  [ "$offered" = generate-ts ]
}
# shellcheck disable=SC2016 # the shell's own variables
offers bash --norc -c '. "$XDG_DATA_DIRS/bash-completion/completions/quotad"
  COMP_WORDS=(quotad app-server generate-t) COMP_CWORD=2; _quotad; echo "$COMPREPLY"'
offers fish -c 'complete -C "quotad app-server generate-t" | string split -f 1 \t'
offers zsh -f "$source/complete.zsh"

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
