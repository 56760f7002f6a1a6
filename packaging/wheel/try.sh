#!/bin/sh
# try.sh - test the wheels in build/wheels, for wheel.sh --test: sh packaging/wheel/try.sh ARCH...
#
#   contents   check the wheel's contents with inspect_wheel.py
#   pythons    use the command and the package in a fresh venv of each installed Python, 3.9 to 3.13
#   verdicts   compare the verdicts on the fixtures, 2,000 mutants, and the corpus beside the tree, if
#              there is one, with those of build/release, which is built with this system's libraries
#   bookworm, trixie
#              use them in a chroot with only python3-venv, as an ordinary user, without a compiler
#              and without network; installing and checking the demo must take less than 20 s together
#
# Chroots are kept in build/wheels/chroots. Wheels for another processor run with qemu-user, and may take
# ten times as long. Exit 1: a step failed; 2: a step could not be run.
set -eu

cd "$(dirname "$0")/../.."
tree=$(pwd)
place=$tree/build/wheels
. scripts/setup.sh
passed=0
failed=0
demo='^FAILED: 15 errors, 2 warnings'
most_seconds=20

# Run a step for an architecture, and print how it ended.
step() { # NAME COMMAND...
    name=$1
    shift
    begun=$(date +%s)
    code=0
    "$@" >"$place/logs/$name.log" 2>&1 || code=$?
    if [ "$code" -eq 0 ]; then
        passed=$((passed + 1))
        echo "== $name: passed ($(($(date +%s) - begun)) s) $(tail -n 1 "$place/logs/$name.log")"
    else
        failed=$((failed + 1))
        echo "== $name: FAILED (exit $code): $place/logs/$name.log"
        tail -n 20 "$place/logs/$name.log"
    fi
}

# Install the wheel into a new environment, and run what it installed.
try_python() { # PYTHON WHEEL
    env=$(mktemp -d)
    result=0
    {
        "$1" -m venv "$env" &&
            "$env/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$2" &&
            "$env/bin/python" -m pip check &&
            cp -R fixtures/demo "$env/demo" &&
            cd "$env" &&
            { bin/llava-check demo --no-index >out; [ $? -eq 1 ]; } && grep -q "$demo" out &&
            { bin/python -m llava_check demo --no-index >out.module; [ $? -eq 1 ]; } &&
            cmp out out.module &&
            bin/python -I -c 'import llava_check as l; print(l.__version__)' >version &&
            [ "llava-check $(cat version)" = "$(bin/llava-check --version | head -n 1)" ] &&
            bin/python -I -c "import ctypes, llava_check._places as p
lib = ctypes.CDLL(str(p.library_path())); lib.lc_version.restype = ctypes.c_char_p
print(lib.lc_version().decode())" >version.library &&
            cmp version version.library &&
            bin/python -m pip uninstall --quiet --yes llava-check &&
            [ -z "$(find . -name '*llava*' -newer pyvenv.cfg ! -path './demo*')" ]
    } || result=1
    cd "$tree"
    rm -rf "$env"
    [ "$result" -eq 0 ] && "$1" --version && return 0
    return 1
}

find_python() { # MINOR
    for python in "$(command -v "python3.$1" || true)" \
        "$HOME"/.pyenv/versions/3."$1".*/bin/python3 /opt/python/cp3"$1"-*/bin/python3; do
        [ -x "$python" ] || continue
        "$python" -c "import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, $1))" \
            2>/dev/null || continue
        echo "$python"
        return 0
    done
    return 1
}

try_pythons() { # ARCH WHEEL
    found=0
    for minor in 9 10 11 12 13; do
        python=$(find_python "$minor") || {
            echo "== $1-python3.$minor: not here"
            continue
        }
        found=$((found + 1))
        step "$1-python3.$minor" try_python "$python" "$2"
    done
    [ "$found" -gt 0 ] || failed=$((failed + 1))
}

unpack_command() { # ARCH WHEEL
    rm -rf "$place/unpacked-$1"
    /usr/bin/python3 -m zipfile -e "$2" "$place/unpacked-$1"
    mv "$place/unpacked-$1"/*.data/scripts/llava-check "$place/unpacked-$1/llava-check"
    chmod +x "$place/unpacked-$1/llava-check"
}

compare_verdicts() { # ARCH
    sets="/usr/bin/python3 -B tests/diff/verdict_sets.py"
    rm -rf "$place/verdicts-$1" "$place/verdicts-here"
    [ -d "$place/verdict-files" ] || $sets make "$place/verdict-files" --mutants 2000
    $sets judge "$place/verdict-files" "$tree/build/release/llava-check" "$place/verdicts-here"
    $sets judge "$place/verdict-files" "$place/unpacked-$1/llava-check" "$place/verdicts-$1"
    diff -r -U 0 "$place/verdicts-here" "$place/verdicts-$1" >"$place/differences-$1" || {
        head -c 5000 "$place/differences-$1"
        return 1
    }
    echo "the same of $(find "$place/verdicts-here" -name '*.report' | wc -l) data sets," \
        "$(cat "$place"/verdicts-here/*.report | grep -oE '"(code|rule)": ?"[A-Z]{3}[0-9]{3}"' | wc -l) findings"
}

debian_arch() {
    case $1 in x86_64) echo amd64 ;; aarch64) echo arm64 ;; esac
}

make_chroot() { # ARCH SUITE
    root=$place/chroots/$2-$1
    [ ! -f "$root/.made" ] || return 0
    ! grep -qF " $root/" /proc/self/mountinfo || return 1
    rm -rf --one-file-system "$root"
    mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' \
        'Created-By: Packages' | sed -n 's/^Debian Debian main //p' | head -n 1)
    # in namespaces, so that its mounts disappear with it
    unshare --mount --propagation private --pid --fork --kill-child debootstrap \
        --arch="$(debian_arch "$1")" --variant=minbase --include=python3-venv "$2" "$root" "$mirror"
    chroot "$root" useradd --create-home checker
    touch "$root/.made"
}

# Install and run a wheel in a chroot with nothing mounted but /proc, and without network.
try_suite() { # ARCH SUITE WHEEL
    make_chroot "$1" "$2" || return 1
    root=$place/chroots/$2-$1
    rm -rf "$root/home/checker/work"
    mkdir -p "$root/home/checker/work"
    cp -R "$3" fixtures/demo "$root/home/checker/work/"
    chroot "$root" chown -R checker: /home/checker/work
    # shellcheck disable=SC2016 # for the shell inside
    root=$root timeout 900 unshare --mount --propagation private --pid --fork --kill-child --net sh -eu -c '
        mount -t proc proc "$root/proc"
        exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
            setpriv --reuid=checker --regid=checker --clear-groups sh -eu -c "
            cd /home/checker/work
            ! command -v cc gcc clang cmake
            export HOME=/home/checker
            python3 -m venv env
            . env/bin/activate
            date +%s%N >begun
            pip install --quiet --no-index *.whl
            code=0
            llava-check demo >out || code=\$?
            date +%s%N >ended
            cat out
            llava-check --version
            [ \$code -eq 1 ]
            python -m llava_check --version >/dev/null
            llava-check demo >again || true
            tail -n 1 again"' </dev/null || return 1
    grep -q "$demo" "$root/home/checker/work/out" || return 1
    took=$((($(cat "$root/home/checker/work/ended") - $(cat "$root/home/checker/work/begun")) / 1000000))
    echo "pip install and the demo: $took ms"
    slowness=1
    [ "$1" = "$(uname -m)" ] || slowness=10
    [ "$took" -lt $((most_seconds * slowness * 1000)) ]
}

mkdir -p "$place/logs"
for arch; do
    # shellcheck disable=SC2086 # a list of words
    [ "$arch" = "$(uname -m)" ] || { need_packages $CROSS_PACKAGES && register_qemu; } || exit 2
    wheel=$(ls "$place"/llava_check-*"_$arch.whl") || exit 2
    step "$arch-contents" /usr/bin/python3 -B packaging/wheel/inspect_wheel.py "$wheel"
    [ "$arch" != "$(uname -m)" ] || try_pythons "$arch" "$wheel"
    # shellcheck disable=SC2086 # lists of words
    need_packages $BUILD_PACKAGES $TEST_PACKAGES && build_preset release || exit 2
    unpack_command "$arch" "$wheel"
    step "$arch-verdicts" compare_verdicts "$arch"
    if [ "$(id -u)" -ne 0 ]; then
        echo "== $arch-bookworm, $arch-trixie: not tried, which needs root"
        failed=$((failed + 1))
        continue
    fi
    need_packages debootstrap util-linux || exit 2
    for suite in bookworm trixie; do
        step "$arch-$suite" try_suite "$arch" "$suite" "$wheel"
    done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
