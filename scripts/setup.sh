#!/bin/bash
# Makes the machine ready: system packages, npm packages, Node 24. Prints only what it does; with all present, nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
for part in machine system-packages npm-packages; do
  . "scripts/setup/$part.sh"
done

check_machine
install_system_packages
install_npm_packages
