#!/bin/sh
# Continues a melody over REST with curl and jq.
#
# Usage: continue_melody.sh [http://HOST:PORT]
set -eu
server=${1:-http://localhost:8501}
answer=$(curl --silent --show-error --max-time 20 "$server/v1/models/melody:predict" --data '{"inputs": {
  "primer_melody": "[60, -2, 62, -2, 64, -2, 65, -2]", "num_steps": 64, "temperature": 0.8, "seed": 7}}')
if echo "$answer" | jq --exit-status .error >&2; then exit 1; fi
echo "$answer" | jq --compact-output '.outputs.sequence_json[0] | fromjson | [.notes[].pitch]'
echo "$answer" | jq --raw-output '.outputs.midi_bytes[0].b64' | base64 --decode >melody.mid
