#!/usr/bin/env bash
# Installs packages of Debian for the tests, as root: `debian.sh redis-server chromium`, or all that CI needs: `debian.sh`.
# Two at once wait for each other, so that CI may begin while npm works.
set -euo pipefail

packages=("$@")
[ $# -gt 0 ] || packages=(redis-server chromium python3-venv postgresql nginx promtool)

exec 9>"${TMPDIR:-/tmp}/dms-live-debian.lock"
flock 9

missing=()
wants_promtool=
for package in "${packages[@]}"; do
  if [ "$package" = promtool ]; then
    command -v promtool >/dev/null || wants_promtool=1
    continue
  fi
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || [ -n "$wants_promtool" ] || exit 0

# A machine that has just started installs its updates: we wait for them.
options=(-q -o DPkg::Lock::Timeout=300)
if [ "${CI:-}" = true ]; then
  options+=(-o Dpkg::Options::=--force-unsafe-io) # this machine is thrown away
  # The tests start a PostgreSQL of their own, so this machine needs no other.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
fi

echo "Installing ${missing[*]}${wants_promtool:+ promtool} for the tests …"
export DEBIAN_FRONTEND=noninteractive
apt-get "${options[@]}" update >/dev/null || true # one index may be away, and the packages there
if [ ${#missing[@]} -gt 0 ]; then
  apt-get "${options[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# Of the package prometheus the tests need one program, and neither its service nor its many libraries.
if [ -n "$wants_promtool" ]; then
  folder=$(mktemp -d)
  (cd "$folder" && apt-get "${options[@]}" download prometheus >/dev/null 2>&1)
  dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -x -C /usr/local --strip-components=2 ./usr/bin/promtool
  rm -r "$folder"
fi
