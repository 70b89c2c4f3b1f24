#!/usr/bin/env bash
# Installs the library into a scratch folder and uses it as strangers do: find_package, pkg-config, and the programs that
# are its public face.
#
#   installed_test.sh BUILD_FOLDER SOURCE_FOLDER SHARED_FOLDER cmake|fully_static|programs [static|shared]
#                     [g++|clang++-14]
#
# Exit code 77: skipped, for want of SHARED_FOLDER or of the compiler.
set -euo pipefail
build=$1 source=$2 shared=$3 what=$4 link=${5:-static} compiler=${6:-g++}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/prefix" >/dev/null

if [ "$what" = cmake ]; then
    cmake -G Ninja -S "$source/ruche/tests/installed" -B "$scratch/outside" -DCMAKE_PREFIX_PATH="$scratch/prefix" \
        -DCMAKE_CXX_FLAGS="${CXXFLAGS:-}" >"$scratch/log" 2>&1 && cmake --build "$scratch/outside" >>"$scratch/log" 2>&1 ||
        { cat "$scratch/log"; exit 1; }
    for program in with_ruche with_ruche_shared; do
        answer=$("$scratch/outside/$program")
        [ "$answer" = 144 ] || { echo "$program printed '$answer', not 144"; exit 1; }
    done
    exit 0
fi

# Programs that are linked with -static: the one that calls ruche::init works, the other says what it lacks.
if [ "$what" = fully_static ]; then
    link_statically() {
        # The linker warns of dlopen in a static program; only what keeps it from linking is of interest.
        g++ -std=c++20 "$1" -static -o "$2" $(PKG_CONFIG_PATH=$scratch/prefix/lib/pkgconfig \
            pkg-config --cflags --libs --static ruche) 2>"$scratch/log" || { cat "$scratch/log"; exit 1; }
    }
    link_statically "$source/ruche/tests/installed/static_main.cpp" "$scratch/with_init"
    answer=$("$scratch/with_init")
    [ "$answer" = $'144\n169\n196\nthrown there' ] || { echo "with ruche::init it printed '$answer'"; exit 1; }
    link_statically "$source/ruche/tests/installed/main.cpp" "$scratch/without_init"
    answer=$({ "$scratch/without_init" || true; } 2>&1)
    [[ $answer == *"must call ruche::init() first in main"* ]] || { echo "without, it printed '$answer'"; exit 1; }
    exit 0
fi

[ -x "$shared/design/programs/check" ] || { echo "skipped: no $shared/design/programs"; exit 77; }
command -v "$compiler" >/dev/null || { echo "skipped: no $compiler"; exit 77; }
programs=()
for name in 01_hello 02_print 03_anything 04_does_not_compile 05_errors 06_stop 08_shared_state 09_actor 10_supervisor 11_channel; do
    programs+=("$shared/design/programs/$name.cpp")
done
CXX=$compiler LINK=$link RUNS=3 "$shared/design/programs/check" "$scratch/prefix" "${programs[@]}"
