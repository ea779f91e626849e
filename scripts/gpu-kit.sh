#!/usr/bin/env bash
# Packs what a GPU machine needs that has neither JDK nor network: scripts/gpu-kit.sh [OUTPUT.tar.xz]. There:
#   mkdir kit && tar -C kit -xJf gradus-gpu-kit.tar.xz && kit/run.sh RESULTS_FOLDER
# or, where there is no xz: python3 -m tarfile -e gradus-gpu-kit.tar.xz kit
# jlink is taken from $GRADUS_JLINK, else from Temurin where it is installed (its runtime needs no library but libc), else from the path.
set -euo pipefail
cd "$(dirname "$0")/.."

archive="$(realpath -m "${1:-target/gradus-gpu-kit.tar.xz}")"
kit="$(mktemp -d)"
trap 'rm -rf "$kit"' EXIT

temurin=(/usr/lib/jvm/temurin-*-jdk-*/bin/jlink)
jlink="${GRADUS_JLINK:-}"
[ -n "$jlink" ] || { [ -x "${temurin[-1]}" ] && jlink="${temurin[-1]}"; } || jlink=jlink
compress=2
case "$("$jlink" --version)" in
  17* | 18* | 19* | 20*) compress=0 ;;
  *) compress=zip-0 ;;
esac
"$jlink" --strip-debug --no-header-files --no-man-pages "--compress=$compress" --output "$kit/jre" --add-modules \
  java.base,java.logging,java.management,java.xml,java.naming,java.desktop,jdk.unsupported,jdk.zipfs,jdk.management

mvn -q -B -pl backend-cuda,bench -am -DskipTests package \
  org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DincludeScope=test "-DoutputDirectory=$kit/lib"
cp examples/target/gradus-examples.jar bench/target/gradus-bench.jar "$kit/lib/"
jar --create --file "$kit/lib/gradus-backend-cuda-tests.jar" -C backend-cuda/target/test-classes .
cp -r training/target/test-classes "$kit/training-tests" # a folder: they read files that lie beside them
# One console holds all of JUnit; two copies of it would quarrel. The rest is large, and no test of the kit needs it.
rm -f "$kit"/lib/junit-*.jar "$kit"/lib/jqwik*.jar "$kit"/lib/opentest4j-*.jar "$kit"/lib/apiguardian-*.jar "$kit"/lib/*pytorch*.jar "$kit"/lib/onnxruntime-*.jar "$kit"/lib/tensorflow-*.jar "$kit"/lib/commons-math3-*.jar
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy \
  -Dartifact=org.junit.platform:junit-platform-console-standalone:1.14.4 "-DoutputDirectory=$kit/lib"

trim() {  # jar pattern: leaves of the native libraries only those that match
  local victims
  victims="$(jar --list --file "$1" | grep -E '/linux-x86_64/.*[^/]$|META-INF/native-image/' | grep -vE "$2" || true)"
  [ -z "$victims" ] || printf '%s\n' "$victims" | python3 -c '
import sys, zipfile, os
jar, drop = sys.argv[1], set(sys.stdin.read().split())
with zipfile.ZipFile(jar) as old, zipfile.ZipFile(jar + ".new", "w") as new:
    for entry in old.infolist():
        if entry.filename not in drop:
            new.writestr(entry, old.read(entry))
os.replace(jar + ".new", jar)' "$1"
}
trim "$kit"/lib/cuda-*-linux-x86_64.jar '/libjni(cudart|cublas|cudnn|nccl|nvrtc)\.so$'
trim "$kit"/lib/openblas-*-linux-x86_64.jar '/lib(jniopenblas_nolapack|openblas|gfortran|quadmath|gcc_s)\.so'

git describe --always --dirty --abbrev=40 --exclude="*" > "$kit/commit" # and whether it is what was packed
cp scripts/gpu-run.sh "$kit/run.sh"
cp scripts/gpu-pytorch.py "$kit/"
mkdir -p "$(dirname "$archive")"
tar -C "$kit" -cf - . | xz -T1 -6 > "$archive"
ls -l "$archive"
