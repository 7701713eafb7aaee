#!/bin/bash
# Makes the machine ready: system packages, npm packages, Node 24. Prints only what it does; with all present, nothing.
# `--tests` adds what only the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
for part in machine system-packages npm-packages program; do
  . "scripts/setup/$part.sh"
done

check_machine
if [ "${1:-}" = --tests ]; then install_system_packages openssh-server; else install_system_packages; fi
install_npm_packages
prepare_program
