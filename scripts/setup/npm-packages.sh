# Installs the npm packages when there are none or package-lock.json has changed. Sourced.

stamp=node_modules/.headway-lock

# npm writes its own lock file into node_modules when it installs: after a change of ours by hand, it is the newer one.
installed_by_hand() {
  [ node_modules/.package-lock.json -nt package-lock.json ]
}

# `npm ci` refuses a lock file that lacks optional packages of other platforms, as one made behind some registries does;
# `npm install --no-save` takes the locked versions all the same, and leaves the lock file as it is.
npm_quietly() {
  npm_output=$(npm "$@" --no-audit --no-fund --loglevel=error 2>&1)
}

stop_without_packages() {
  printf '%s\n' "$npm_output" >&2
  stop 'the npm packages could not be installed (see above).' 'Check the network and the npm registry (npm config get registry), then run it again.'
}

install_npm_packages() {
  # A linked node_modules belongs to another checkout, which installs it.
  if [ ! -L node_modules ] && ! cmp -s package-lock.json "$stamp" && ! installed_by_hand; then
    command -v npm >/dev/null || stop 'npm is missing.' 'Install Node 20 or newer with npm: apt-get install nodejs npm'
    echo 'installing npm packages'
    npm_quietly ci || npm_quietly install --no-save || stop_without_packages
  fi
  [ -L node_modules ] || cmp -s package-lock.json "$stamp" || cp package-lock.json "$stamp"
  local version
  version=$(node_modules/.bin/node --version 2>/dev/null || echo none)
  case $version in
    v24.*) ;;
    *) stop "node_modules/.bin/node is $version, not v24." 'Remove node_modules and run it again.' ;;
  esac
}
