#!/bin/bash
# `npm test`: sets the machine up, then runs every layer of checks, whatever the ones before said. Layers can be named:
# `npm test -- types unit`. Closes with the tests counted from AVA's own reports.
set -uo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh --tests || exit 1
export PATH="$PWD/node_modules/.bin:$PATH"
# As in bin/headway: a third of the CPU of a test file went into compiling what the file before it had compiled already.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/headway}"

# Seconds.
LAYER_LIMIT=1800
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
failed=()

# Ctrl-C does not reach what `timeout` runs, which has a process group of its own; `timeout` passes SIGTERM on to all of it.
interrupt() {
  kill $(jobs -p) 2>/dev/null
  wait
  exit 130
}
trap interrupt INT TERM HUP

run_layer() {
  case $1 in
    types) tsc -p . ;;
    lint) oxlint --deny-warnings src agents test scripts ;;
    e2e) run_tests e2e --serial --concurrency 1 ;;
    architecture | unit | fuzz | integration | conformance) run_tests "$1" ;;
    *) echo "no such layer: $1 (types, lint, architecture, unit, fuzz, integration, conformance, e2e)" >&2; return 1 ;;
  esac
}

run_tests() {
  local layer=$1
  shift
  # A test file that leaves something running never ends: that is a failure of the layer, not a reason to wait for ever.
  timeout --kill-after=10 "$LAYER_LIMIT" ava --tap "$@" "test/$layer/**/*.test.ts" | tee "$reports/$layer.tap" | node scripts/tap-summary.ts &
  # In the background, as a trap has to wait for what is in the foreground.
  wait $!
}

[ $# -gt 0 ] || set -- types lint architecture unit fuzz integration conformance e2e
for layer in "$@"; do
  printf '\n== %s\n' "$layer"
  run_layer "$layer" || failed+=("$layer")
done

printf '\n'
[ ${#failed[@]} -eq 0 ] || printf 'failed: %s\n' "${failed[*]}"
# Fails by itself when no test ran.
cat /dev/null "$reports"/*.tap 2>/dev/null | node scripts/tap-summary.ts --total || failed+=(total)
[ ${#failed[@]} -eq 0 ]
