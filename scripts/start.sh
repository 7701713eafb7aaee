#!/bin/bash
# `npm start`: sets the machine up, then starts Headway with this repository's demo. Further arguments go to `headway up`.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
PATH="$PWD/node_modules/.bin:$PATH" exec node src/cli/main.ts up --repo . --path clusters/demo "$@"
