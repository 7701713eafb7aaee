# Installs the Debian packages that are missing, one line each. Sourced. What is there by another way (a vendor's containerd) stays.

# A plain root shell may lack the sbin folders, and npm puts node_modules/.bin in front, where a package's `nft` is another program.
system_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

has_package() {
  local PATH=$system_path
  case $1 in
    nftables) command -v nft ;;
    iproute2) command -v ip ;;
    containernetworking-plugins) ls /usr/lib/cni/bridge || ls /opt/cni/bin/bridge ;;
    gnupg) command -v gpg ;;
    openssh-client) command -v ssh-keygen ;;
    openssh-server) ls /usr/sbin/sshd ;;
    # /bin/busybox may also be the dynamic one.
    busybox-static) ls /var/lib/dpkg/info/busybox-static.list ;;
    *) command -v "$1" ;;
  esac >/dev/null 2>&1
}

# Further packages, which only tests need, as arguments.
install_system_packages() {
  local package missing=()
  for package in redis-server containerd runc containernetworking-plugins nftables iproute2 conntrack git busybox-static gnupg openssh-client "$@"; do
    has_package "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  keep_services_stopped
  apt_get update || stop 'apt-get update failed (see above).' 'Check /etc/apt/sources.list and the network, then run it again.'
  for package in "${missing[@]}"; do
    echo "installing $package"
    apt_get install -y --no-install-recommends "$package" || stop "could not install $package (see above)." "Try: apt-get install $package"
    has_package "$package" || stop "$package is installed, but what it should bring is not found." "Try: apt-get install --reinstall $package"
    keep_service_off "$package"
  done
  restore_service_policy
}

# Quiet unless it fails.
apt_get() {
  local output
  output=$(PATH=$system_path DEBIAN_FRONTEND=noninteractive apt-get -q "$@" 2>&1 </dev/null) || { printf '%s\n' "$output" >&2; return 1; }
}

# Headway runs its own redis-server and containerd: those of the packages must not start, neither now nor at the next boot.
policy=/usr/sbin/policy-rc.d
keep_services_stopped() {
  policy_backup=$(mktemp -d)
  [ ! -e "$policy" ] || mv "$policy" "$policy_backup/"
  trap restore_service_policy EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

restore_service_policy() {
  rm -f "$policy"
  [ ! -e "$policy_backup/policy-rc.d" ] || mv "$policy_backup/policy-rc.d" "$policy"
  rmdir "$policy_backup"
  trap - EXIT
}

keep_service_off() {
  case $1 in
    redis-server | containerd) disable_service "$1" ;;
    openssh-server) disable_service ssh ;;
  esac
}

disable_service() {
  ! command -v systemctl >/dev/null || systemctl disable --quiet "$1.service" 2>/dev/null || true
}
