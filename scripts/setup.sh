# setup.sh - sourced by run.sh, test.sh and others: installs missing packages, and says so
#
# Packages come from Debian 12 or 13. Nothing else is downloaded.

BUILD_PACKAGES="cmake ninja-build pkg-config gcc g++ libc6-dev libsimdjson-dev
    libjpeg-dev libpng-dev libxxhash-dev liblmdb-dev zlib1g-dev
    libyaml-dev libunistring-dev libdeflate-dev libwebp-dev libtiff-dev nettle-dev
    libzstd-dev liblzma-dev libbz2-dev libisal-dev"
FUZZ_PACKAGES="clang libclang-rt-14-dev"
# Formatting and linting depend on these versions, which are Debian 12's
FORM_PACKAGES="clang-format-14 clang-tidy-14 cppcheck"
CPPCHECK_VERSION=2.10
TEST_PACKAGES="libcmocka-dev python3 python3-pytest python3-pil
    python3-jsonschema python3-lmdb python3-xxhash python3-yaml libjpeg-turbo-progs git util-linux
    mandoc zsh fish valgrind binutils nodejs patch tar zstd xz-utils bzip2"

# For wheel.sh: to build a wheel; to build one for another processor and run its programs here
WHEEL_PACKAGES="cmake ninja-build pkg-config make m4 nasm dpkg-dev python3 python3-venv
    debian-archive-keyring binutils util-linux"
CROSS_PACKAGES="qemu-user-static libc6-arm64-cross"
CROSS_COMPILER="gcc-aarch64-linux-gnu g++-aarch64-linux-gnu"

# Print the packages that are not installed.
missing_packages() {
    for package in "$@"; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$status" = installed ] || printf '%s ' "$package"
    done
}

# Whether formatting can be checked: on Debian 12, which has the packages, or if the same
# versions are installed.
form_is_checked() {
    if grep -qsx 'VERSION_CODENAME=bookworm' /etc/os-release; then
        return 0
    fi
    for program in clang-format-14 clang-tidy-14 cppcheck; do
        command -v "$program" >/dev/null 2>&1 || return 1
    done
    [ "$(cppcheck --version)" = "Cppcheck $CPPCHECK_VERSION" ]
}

# Install the packages that are missing. If that is not possible, print what to install, and
# how.
need_packages() {
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "missing packages, by their names in Debian: $missing" >&2
        echo "there is no apt-get: install them as this system does" >&2
        return 1
    fi
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    echo "installing: $missing" >&2
    # shellcheck disable=SC2086 # a list of words
    if $as_root apt-get update -qq >&2 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends $missing >&2; then
        return 0
    fi
    echo "these packages could not be installed: $missing" >&2
    echo "as root, run: apt-get update && apt-get install --no-install-recommends $missing" >&2
    return 1
}

# Configure and build a preset of CMakePresets.json, with further arguments as options of the
# build. Quiet unless it fails.
build_preset() {
    preset=$1
    shift
    mkdir -p build
    log=build/$preset.log
    if ! { cmake --preset "$preset" && cmake --build --preset "$preset" "$@"; } >"$log" 2>&1
    then
        cat "$log" >&2
        echo "building the preset $preset failed; the output above is in $(pwd)/$log" >&2
        return 1
    fi
}

# Make the kernel start aarch64 programs with qemu; needs root. Flag F makes it open qemu now, so that
# they run in chroots, too. Outside of chroots, programs find their libraries by QEMU_LD_PREFIX.
register_qemu() {
    binfmt=/proc/sys/fs/binfmt_misc
    export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
    [ "$(uname -m)" != aarch64 ] && [ ! -e $binfmt/qemu-aarch64 ] || return 0
    [ -e $binfmt/register ] || mount -t binfmt_misc binfmt_misc $binfmt
    magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
    mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
    printf '%s' ":qemu-aarch64:M::$magic:$mask:/usr/bin/qemu-aarch64-static:F" >$binfmt/register
}

# Run apt-get or apt-cache with Debian 12's source packages, whatever this system's own lists are.
# Their lists are kept in the folder $cache, which the caller sets.
apt_sources() {
    mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial"
    if [ ! -s "$cache/apt/sources.list" ]; then
        uri=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' \
            'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian Debian main //p' | head -n 1)
        [ -n "$uri" ] || { echo "setup.sh: apt has no source of Debian main" >&2; return 1; }
        security=$(echo "$uri" | sed 's,/debian/*$,/debian-security/,')
        signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
        {
            echo "deb-src $signed $uri bookworm main"
            echo "deb-src $signed $security bookworm-security main"
        } >"$cache/apt/sources.list"
    fi
    command=$1
    shift
    "$command" -qq -o Dir::Etc::SourceList="$cache/apt/sources.list" -o Dir::Etc::SourceParts=- \
        -o Dir::State::Lists="$cache/apt/lists" -o Dir::Cache::Archives="$cache/apt/archives" \
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@"
}
