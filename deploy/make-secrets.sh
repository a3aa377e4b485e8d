#!/bin/sh
# Makes the passwords of an installation, and the files that need them:
#   make-secrets.sh FOLDER HOST       for example: make-secrets.sh /root/dms-secrets dms.example.org
# It refuses a folder that has some already.
set -eu
umask 077

folder=${1:?Usage: make-secrets.sh FOLDER HOST}
host=${2:?Usage: make-secrets.sh FOLDER HOST}
here=$(dirname "$0")
mkdir -p "$folder"
if [ -e "$folder/passwords.env" ]; then
  echo "There are passwords in $folder: remove them first, if they are to be replaced." >&2
  exit 1
fi

# Redis gets the hashes: nobody can sign in with what stands in users.acl.
users=$(cat "$here/redis/users.acl")
replace() {
  hash=$(printf %s "$2" | sha256sum | cut -d ' ' -f 1)
  users=$(printf '%s\n' "$users" | sed "s/#$1_PASSWORD_SHA256/#$hash/")
}
server=$(openssl rand -hex 24)
publisher=$(openssl rand -hex 24)
metrics=$(openssl rand -hex 24)
operator=$(openssl rand -hex 24)
replace SERVER "$server"
replace PUBLISHER "$publisher"
replace METRICS "$metrics"
replace OPERATOR "$operator"
printf '%s\n' "$users" >"$folder/users.acl"
chmod 644 "$folder/users.acl"

postgres=$(openssl rand -hex 24)
jwt=$(openssl rand -hex 32)

# All of them; for Docker Compose this is .env.
cat >"$folder/passwords.env" <<EOF
COMPOSE_PROJECT_NAME=dms
DMS_HOST=$host
JWT_SECRET=$jwt
POSTGRES_PASSWORD=$postgres
REDIS_SERVER_PASSWORD=$server
REDIS_PUBLISHER_PASSWORD=$publisher
REDIS_METRICS_PASSWORD=$metrics
REDIS_OPERATOR_PASSWORD=$operator
EOF

# Without containers: what dms-live needs, and what the DMS needs.
cat >"$folder/dms-live.env" <<EOF
NODE_ENV=production
REDIS_URL=redis://dms-live-server:$server@127.0.0.1:6379
JWT_SECRET=$jwt
PUBLIC_ORIGIN=https://$host
TRUSTED_PROXIES=127.0.0.1
SHUTDOWN_SECONDS=30
# On a machine with many processors: several processes on one port.
#WORKERS=auto
EOF
cat >"$folder/dms.env" <<EOF
SECRET_KEY=$jwt
ALLOWED_HOSTS=$host
DATABASE_URL=postgresql://dms:$postgres@127.0.0.1:5432/dms
REDIS_URL=redis://dms-live-publisher:$publisher@127.0.0.1:6379
EOF
