#!/usr/bin/env bash
# Measures speed: bench/run.sh COMMAND [OPTIONS]; bench/run.sh --help lists the commands. Builds what is needed first, and the
# other frameworks only for commands that measure them (steps).
set -euo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$home")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
mkdir -p "$home/target"

build() {  # stamp modules [maven options]
  local stamp=$home/target/$1.stamp modules=$2
  shift 2
  local sources=("$root/pom.xml" "$root"/{core,native,backend-cpu,training,examples,bench}/{pom.xml,src/main} "$home"/{pytorch,djl}/{pom.xml,src})
  [[ -f $stamp && -z $(find "${sources[@]}" -newer "$stamp" -print -quit) ]] && return
  echo 'building ...' >&2
  touch "$stamp.begun"
  (cd "$root" && mvn -q -B -Dstyle.color=never -Dmaven.test.skip=true -Dspotless.check.skip=true "$@" -pl "$modules" -am package) >&2
  mv "$stamp.begun" "$stamp"
}

case ${1:-} in
  steps) build peers bench,bench/pytorch,bench/djl -Ppeers ;;
  *) build bench bench ;;
esac

jars=("$home/target/gradus-bench.jar" "$home"/target/lib/*.jar)
exec "$java" -XX:+UseSerialGC -Dgradus.bench.home="$home" -cp "$(IFS=:; printf '%s' "${jars[*]}")" gradus.bench.Bench "$@"
