# Words on screen for long steps; sourced by the other scripts.

say() { echo "$@"; }

# step MESSAGE COMMAND...: runs a command, shows how long it has been running, keeps its output in
# a log, and shows the end of it when the command fails.
step() {
  local message=$1 log status=0 start=$SECONDS elapsed
  shift
  log=$(mktemp -t magenta-serving-XXXXXX.log)
  say "$message ..."
  "$@" >"$log" 2>&1 </dev/null &
  local pid=$!
  trap 'kill $pid 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    elapsed=$((SECONDS - start))
    if [[ -t 1 ]]; then
      printf '\r      %ds  ' "$elapsed"
    elif ((elapsed && elapsed % 30 == 0)); then
      say "      ${elapsed}s"
    fi
    sleep 1
  done
  trap - INT TERM
  [[ ! -t 1 ]] || printf '\r'
  wait "$pid" || status=$?
  if ((status)); then
    tail -n 40 "$log" >&2
    say "      failed after $((SECONDS - start))s; the whole output is in $log" >&2
    return "$status"
  fi
  rm "$log"
  say "      done in $((SECONDS - start))s"
}
