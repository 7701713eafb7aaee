# Checks what cannot be installed. Sourced; ends the script with a message that says what to do.

stop() {
  printf 'headway: %s\n' "$@" >&2
  exit 1
}

check_machine() {
  if [ ! -e /etc/debian_version ] || ! command -v apt-get >/dev/null; then
    stop 'this is not Debian (no /etc/debian_version, or no apt-get).' \
      'Run it on Debian 12 or newer: a virtual machine, or a privileged container of debian:12.'
  fi
  if [ "$(id -u)" -ne 0 ]; then
    stop 'it needs root, to make network namespaces, cgroups and mounts.' 'Run it again with sudo, or from a root shell.' \
      'A trial without containers needs no root: npm install && bin/headway up --repo . --path clusters/demo --nodes simulated:3'
  fi
  if ! grep -Eq ' cgroup2? ' /proc/mounts; then
    stop 'no cgroups are mounted, so containers cannot be limited or counted.' \
      'Mount them (mount -t cgroup2 none /sys/fs/cgroup), or start this container with --privileged --cgroupns=host.'
  fi
}
