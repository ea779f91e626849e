#!/usr/bin/env bash
# Loads a server with good, bad, huge, torn and slow requests, watches its memory, and stops it.
# serve-load.sh RUN [REQUESTS] [CLIENTS]; needs the tests of training compiled (mvn test-compile).
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
run=$1
requests=${2:-100000}
clients=${3:-8}
classes=$home/training/target/test-classes:$home/examples/target/gradus-examples.jar:$home/examples/target/lib/*
scratch=$(mktemp -d)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# shellcheck disable=SC2086
"$java" -XX:+UseSerialGC ${GRADUS_OPTS:-} -cp "$classes" gradus.examples.Gradus serve "$run" --port 0 \
  >"$scratch/server.log" 2>&1 &
server=$!
trap 'kill -9 $server 2>/dev/null || true' EXIT
until grep -q '^Serving' "$scratch/server.log"; do
  kill -0 $server || { cat "$scratch/server.log"; exit 1; }
  sleep 0.2
done
url=$(sed -n 's/^Serving .* on \(http[^ ]*\).*/\1/p' "$scratch/server.log")

watch() {
  while kill -0 $server 2>/dev/null; do
    rss=$(awk '/^VmRSS/ {print $2}' /proc/$server/status)
    answered=$(curl -s "${url}metrics" | awk '/^gradus_requests_total/ {n += $2} /^gradus_backend_bytes/ {b = $2} END {print n, b}')
    printf 'resident %7d KiB; answered, backend bytes: %s\n' "$rss" "$answered"
    sleep "${WATCH_SECONDS:-10}"
  done
}
watch &
watcher=$!

status=0
"$java" -XX:+UseSerialGC -cp "$classes" gradus.serve.LoadGenerator "$url" "$requests" "$clients" || status=$?
kill $watcher
wait $watcher 2>/dev/null || true
curl -s "${url}metrics" | grep -v '^#'
printf 'resident at the end: %s\n' "$(grep VmRSS /proc/$server/status)"

kill -TERM $server
code=0
wait $server || code=$?
printf 'the server ended with %d\n' "$code"
cat "$scratch/server.log"
rm -r "$scratch"
exit $((status + code))
