#!/usr/bin/env bash
# Installs the library into a scratch folder and uses it as strangers do: by find_package, and by pkg-config alone.
#
#   installed_test.sh BUILD_FOLDER SOURCE_FOLDER cmake|pkg-config
set -euo pipefail
build=$1 source=$2 what=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build/feed" --prefix "$scratch/prefix" >/dev/null

check() {
    answer=$("$@")
    [ "$answer" = "A & B 1" ] || { echo "$1 printed '$answer', not 'A & B 1'"; exit 1; }
}

if [ "$what" = cmake ]; then
    cmake -G Ninja -S "$source/feed/tests/installed" -B "$scratch/outside" -DCMAKE_PREFIX_PATH="$scratch/prefix" \
        >"$scratch/log" 2>&1 && cmake --build "$scratch/outside" >>"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
    check "$scratch/outside/with_feed"
    check "$scratch/outside/with_feed_shared"
else
    export PKG_CONFIG_PATH
    PKG_CONFIG_PATH=$(dirname "$(find "$scratch/prefix" -name feed.pc)")
    # shellcheck disable=SC2046 # the flags are words
    c++ -std=c++20 "$source/feed/tests/installed/main.cpp" -o "$scratch/program" $(pkg-config --cflags --libs feed)
    libraries=$(pkg-config --variable=libdir feed)
    check env LD_LIBRARY_PATH="$libraries" "$scratch/program"
fi
