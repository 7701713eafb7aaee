#!/bin/bash
# `npm start`: sets the machine up, then starts Headway with this repository's demo. Further arguments go to `headway up`.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
exec bin/headway up --repo . --path clusters/demo "$@"
