#!/bin/sh
# Lets libFuzzer try one target, and says in a line what came of it: run.sh FOLDER SECONDS TARGET,
# where FOLDER is that of the preset `fuzz`. Inputs that take a new way stay in FOLDER/corpus; what
# the target fails on goes to crashes/TARGET, to be named for what it is and kept.
set -eu
build=$1
seconds=$2
target=$3
here=$(dirname "$0")
crashes=$here/crashes/$target
log=$build/$target.log

mkdir -p "$build/corpus/$target" "$crashes"
status=0
"$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
  -print_final_stats=1 -artifact_prefix="$crashes/" \
  "$build/corpus/$target" "$here/corpus/$target" "$crashes" >"$log" 2>&1 || status=$?
rmdir "$crashes" 2>/dev/null || true # if there is nothing in it

runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
result="nothing found"
[ $status = 0 ] || result="FAILED, see $log"
echo "$target: ${runs:-0} runs, ${coverage:-0} edges covered, $result"
exit $status
