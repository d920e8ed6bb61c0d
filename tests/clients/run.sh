#!/bin/sh
# Runs a client from npm against the built program: run.sh NPM_DIR QUOTAD CLIENT.cjs
# Exit code 77 says that it was skipped.
npm_dir=$1 quotad=$2 client=$3
command -v node >/dev/null || { echo "skipped: node is not installed"; exit 77; }
[ -d "$npm_dir/node_modules" ] || { echo "skipped: no npm packages; ./dev test installs them"; exit 77; }
NODE_PATH=$npm_dir/node_modules exec node "$client" "$quotad"
