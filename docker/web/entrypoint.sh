#!/bin/bash
# Starts nginx with the web page before a model server; flags go to nginx.
#
#   SERVER      the server's REST API, HOST:PORT (server:8501)
#   PORT        where to listen (8080)
#   MODELS      names of the models that the page offers; without it, those of the bundles in
#   MODELS_DIR  the server's folder of models (/models)
#   PAGE        the built page (/srv/page)
#   STATE_DIR   for files of this process (/dev/shm/magenta-serving-web): the root file system may
#               be read-only
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
state=${STATE_DIR:-/dev/shm/magenta-serving-web}
mkdir -p "$state"

# The names of the models with a VERSION/*.mag.
find_models() {
  local bundle
  for bundle in "${MODELS_DIR:-/models}"/*/*/*.mag; do
    [[ -e $bundle ]] && basename "$(dirname "$(dirname "$bundle")")"
  done | sort --unique
}

names=()
for name in ${MODELS-$(find_models)}; do
  # As docker/entrypoint.sh takes them.
  [[ $name =~ ^[A-Za-z0-9._-]+$ ]] && names+=("\"$name\"")
done
(
  IFS=,
  echo "{\"models\": [${names[*]:-}]}"
) >"$state/models.json"

sed -e "s|@STATE@|$state|" -e "s|@PORT@|${PORT:-8080}|" -e "s|@PAGE@|${PAGE:-/srv/page}|" \
  -e "s|@SERVER@|${SERVER:-server:8501}|" "$here/nginx.conf" >"$state/nginx.conf"
exec nginx -e stderr -c "$state/nginx.conf" "$@"
