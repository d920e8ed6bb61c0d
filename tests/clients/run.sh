#!/bin/sh
# Runs a script with packages from npm against the built program:
# run.sh NPM_DIR QUOTAD SCRIPT.cjs [WORDS FOR THE SCRIPT…]
# Exit code 77 says that it was skipped.
npm_dir=$1 quotad=$2 script=$3
shift 3
command -v node >/dev/null || { echo "skipped: node is not installed"; exit 77; }
[ -d "$npm_dir/node_modules" ] || { echo "skipped: no npm packages; ./dev test installs them"; exit 77; }
NODE_PATH=$npm_dir/node_modules exec node "$script" "$quotad" "$@"
