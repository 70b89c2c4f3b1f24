# Sourced by run and test: makes sure that Debian packages are installed, and asks apt for nothing else.
#
#   need_packages PACKAGE…
#
# Says which are missing and installs them (as root, or with sudo). Does nothing, quickly, when all are there.

need_packages() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "installing what is missing: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "run this as root, or install: ${missing[*]}" >&2; return 1; }
        as_root=(sudo)
    fi
    # The lists may be absent (a fresh image) or stale: they are fetched only when the install fails without.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
        { "${as_root[@]}" apt-get update -q >/dev/null &&
          "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null; } ||
        { echo "apt could not install: ${missing[*]}" >&2; return 1; }
}

# What a build of the two libraries and the engine needs.
build_packages=(g++ cmake ninja-build pkg-config ca-certificates gettext
    libicu-dev libuchardet-dev
    libcurl4-openssl-dev libsqlite3-dev libsystemd-dev libtomlplusplus-dev libpugixml-dev nlohmann-json3-dev libcli11-dev libmicrohttpd-dev libfmt-dev
    libsodium-dev libpsl-dev zlib1g-dev libbrotli-dev libzstd-dev)

# What the tests need besides.
test_packages=(libboost-dev libgtest-dev libgmock-dev libspdlog-dev python3 clang-14 libclang-rt-14-dev locales procps spin)
