#!/bin/sh
# Lets libFuzzer try one target, and says in a line what came of it: run.sh FOLDER SECONDS TARGET,
# where FOLDER is that of the preset `fuzz`. The seconds are of the processor, so a busy machine takes
# longer and tries no less. Inputs that take a new way stay in FOLDER/corpus; what the target fails on
# goes to crashes/TARGET, to be named for what it is and kept.
set -eu
build=$1
seconds=$2
target=$3
here=$(dirname "$0")
crashes=$here/crashes/$target
log=$build/$target.log

# Puts the processor's seconds that this script's children have taken, of user and system, into `used`.
# Without pipes and $(…) around `times`: those are shells without children.
count_used() {
  times >"$log.times"
  used=$(sed -n 2p "$log.times" | tr 'ms' '  ' | awk '{ printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }')
  rm "$log.times"
}

mkdir -p "$build/corpus/$target" "$crashes"
: >"$log"
status=0
used=0
while [ "$used" -lt "$seconds" ] && [ $status = 0 ]; do
  # The time limit for one input is by the clock, of a machine that may have other work; none takes a tenth of a
  # second of the processor.
  "$build/tests/fuzz/fuzz_$target" -max_total_time=$((seconds - used)) -timeout=300 \
    -report_slow_units=300 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$crashes/" \
    "$build/corpus/$target" "$here/corpus/$target" "$crashes" >>"$log" 2>&1 || status=$?
  count_used
done
rmdir "$crashes" 2>/dev/null || true # if there is nothing in it

runs=$(awk '/^stat::number_of_executed_units:/ { sum += $2 } END { print sum + 0 }' "$log")
coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
result="nothing found"
[ $status = 0 ] || result="FAILED, see $log"
echo "$target: $runs runs in $used s of the processor, ${coverage:-0} edges covered, $result"
exit $status
