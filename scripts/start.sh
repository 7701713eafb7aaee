#!/bin/bash
# `npm start`: sets the machine up, then starts Headway with this repository's demo. Further arguments go to `headway up`.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
# The branch that is checked out, or the commit where none is.
ref=$(git symbolic-ref --short --quiet HEAD || git rev-parse HEAD)
exec bin/headway up --repo . --ref "$ref" --path clusters/demo "$@"
