#!/bin/bash
# Starts tensorflow_model_server, whose flags it takes, with a model config made from what is there:
# folders with VERSION/*.mag are models of the platform magenta, those with VERSION/saved_model.pb of
# tensorflow.
#
#   --model_config_file=FILE                   that config; nothing is made
#   --model_base_path=DIR [--model_name=NAME]  the model in DIR alone
#   neither                                    every model $MODELS_DIR/NAME (/models/NAME)
#   --shutdown_grace_seconds=N                 that running requests get on SIGTERM (30)
set -euo pipefail

server=${MODEL_SERVER:-tensorflow_model_server}
# For the model config and what the health check has to know. In memory: the root file system may be
# read-only.
state=${STATE_DIR:-/dev/shm/magenta-serving}

# Says something on stderr; that its disk is full is no reason not to serve.
say() {
  echo "$*" >&2 || true
}

# The platform of the model in folder $1, by what its versions hold; nothing when they hold neither.
platform_of() {
  local version
  for version in "$1"/*/; do
    [[ $(basename "$version") =~ ^[0-9]+$ ]] || continue
    if compgen -G "$version*.mag" >/dev/null; then
      echo magenta
      return
    elif [[ -e $version/saved_model.pb ]]; then
      echo tensorflow
      return
    fi
  done
}

# Prints the config of the model NAME in FOLDER, or says on stderr why there is none.
model_config() {
  local name=$1 folder=$2 platform
  platform=$(platform_of "$folder")
  if [[ -z $platform ]]; then
    say "$folder: no VERSION/*.mag and no VERSION/saved_model.pb; left out"
  elif [[ ! $name =~ ^[A-Za-z0-9._-]+$ || $folder == *[\'\\]* ]]; then
    say "$folder: names are made of letters, digits, '.', '_' and '-'; left out"
  else
    say "$folder: $platform model $name"
    echo "  config { name: '$name' base_path: '$folder' model_platform: '$platform' }"
  fi
}

rest_port=8501
config_file=
name=default
base_path=
flags=()
for flag in "$@"; do
  case $flag in
    --shutdown_grace_seconds=*) export SHUTDOWN_GRACE_SECONDS=${flag#*=} ;;
    --max_request_bytes=*) export MAX_REQUEST_BYTES=${flag#*=} ;;
    --model_name=*) name=${flag#*=} ;;
    --model_base_path=*) base_path=${flag#*=} ;;
    --version | --help) exec "$server" "$flag" ;;
    *) flags+=("$flag") ;;
  esac
  case $flag in
    --rest_api_port=*) rest_port=${flag#*=} ;;
    --model_config_file=*) config_file=${flag#*=} ;;
  esac
done

mkdir -p "$state"
if [[ -z $config_file ]]; then
  config_file=$state/models.config
  where=${base_path:-${MODELS_DIR:-/models}}
  {
    echo 'model_config_list {'
    if [[ $base_path ]]; then
      model_config "$name" "$(realpath -e "$base_path")"
    else
      for folder in "$(realpath -e "$where")"/*/; do
        model_config "$(basename "$folder")" "${folder%/}"
      done
    fi
    echo '}'
  } >"$config_file"
  if ! grep -q name: "$config_file"; then
    say "There is no model in $where: mount a folder there that holds NAME/VERSION/*.mag."
    exit 1
  fi
  flags+=(--model_config_file="$config_file")
fi
echo "$rest_port $config_file" >"$state/server"

# Flags that are given win over these. A file that is being copied is complete some seconds later; a
# config may label the versions that it loads.
exec "$server" --port=8500 --rest_api_port=8501 --enable_grpc_healthcheck_service=true \
  --num_load_threads=2 --load_retry_interval_micros=1000000 \
  --allow_version_labels_for_unavailable_models=true "${flags[@]}"
