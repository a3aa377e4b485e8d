#!/bin/sh
# Restarts servers of this machine one after the other: rolling-restart.sh dms-live@1=9401 dms-live@2=9402
# Each word is a unit of systemd, and the port on which it answers /ready (its METRICS_PORT, or else its PORT). The next one is only
# restarted when this one is ready. It stops where one does not get ready within a minute: the others go on as they are.
set -eu
for server in "$@"; do
  unit=${server%=*}
  port=${server#*=}
  echo "$unit: sends its clients to the others, and restarts"
  systemctl restart "$unit"
  tries=0
  until node -e "fetch('http://127.0.0.1:$port/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
      echo "$unit is not ready. What it says: journalctl --unit $unit --lines 50" >&2
      exit 1
    fi
    sleep 1
  done
  echo "$unit: is ready"
done
