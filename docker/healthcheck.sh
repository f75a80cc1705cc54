#!/bin/bash
# Exits with 0 when every model in the server's config is available.
set -euo pipefail
read -r port config_file <"${STATE_DIR:-/dev/shm/magenta-serving}/server"

# The answer of the server to GET $1, with its status line. Bash speaks TCP itself.
get() {
  exec 3<>"/dev/tcp/localhost/$port"
  printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3
  timeout 5 cat <&3
}

grep -o "name: *['\"][^'\"]*" "$config_file" | sed "s/.*['\"]//" | while read -r name; do
  get "/v1/models/$name" | grep -q '"state": "AVAILABLE"'
done
