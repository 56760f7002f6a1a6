#!/bin/sh
# chroots.sh - build and test on every supported Debian release, and compare the results:
#              sh scripts/chroots.sh [--remove] [--mirror URL] [FOLDER]
#
# Makes chroots of Debian 12 and Debian 13 in FOLDER (build/chroots), or reuses them; they take
# 2 GB each. Copies the tree into each, installs its packages, and then runs these steps:
#   run       run.sh checks the demo, as root
#   user      the same, from a separate copy as an ordinary user
#   dev       test.sh dev: all tests of the dev preset
#   verdicts  the build's verdicts on the fixtures, the corpus beside the tree, and 10,000
#             mutants; they are compared when both chroots are done
# Each step is printed with its exit code; its output goes to FOLDER/logs/SUITE-STEP.log. --remove
# removes the chroots at the end. Packages come from URL, or from apt's own mirror of Debian.
# Needs root on Debian, and installs debootstrap. Exit 1: a step failed; 2: a chroot could not be made.
#
# Everything is mounted in namespaces that end with the command that needs them, so nothing
# stays mounted however this script ends, and no folder that it removes has mounts in it.
set -eu

cd "$(dirname "$0")/.."
tree=$(pwd)
corpus=$(dirname "$tree")/shared/corpus

give_up() {
    echo "chroots.sh: $*" >&2
    exit 2
}

# Print the address of Debian's archive in apt's configuration.
apt_mirror() {
    apt-get indextargets --format '$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' \
        'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian Debian main //p' | head -n 1
}

mirror=
remove=no
while [ $# -gt 0 ]; do
    case $1 in
    --remove) remove=yes ;;
    --mirror) mirror=${2:?--mirror URL} && shift ;;
    -*) give_up "no option $1" ;;
    *) break ;;
    esac
    shift
done
mkdir -p "${1:-build/chroots}/logs"
folder=$(cd "${1:-build/chroots}" && pwd)
logs=$folder/logs

[ "$(id -u)" -eq 0 ] || give_up "needs root"
. scripts/setup.sh
need_packages debootstrap git util-linux || exit 2
[ -n "$mirror" ] || mirror=$(apt_mirror)
[ -n "$mirror" ] || give_up "apt knows no mirror of Debian: --mirror URL"
exec 9>"$folder/lock"
flock -n 9 || give_up "$folder is in use"

# Run a command whose mounts nobody else sees, and that ends with this script, even if that is
# killed with -9. It runs in the background because a shell handles signals only after a
# foreground command has ended.
child=
alone() {
    setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child "$@" 9>&- &
    child=$!
    alone_code=0
    wait "$child" || alone_code=$?
    child=
    return $alone_code
}
trap '[ -z "$child" ] || kill -KILL "$child"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Remove a folder, after making sure that nothing is mounted in it.
remove_folder() {
    ! grep -qF " $1/" /proc/self/mountinfo || give_up "something is mounted in $1"
    rm -rf --one-file-system "$1"
}

make_chroot() { # SUITE
    if [ -f "$folder/$1/.made" ]; then
        # an earlier run may have been killed while it installed packages
        alone chroot "$folder/$1" env DEBIAN_FRONTEND=noninteractive dpkg --configure -a
        return 0
    fi
    remove_folder "$folder/$1"
    alone debootstrap --variant=minbase "$1" "$folder/$1" "$mirror"
    chroot "$folder/$1" useradd --create-home checker
    touch "$folder/$1/.made"
}

# Copy the files of the work tree, committed or not; keep the build folder of the last copy.
copy_tree() { # SUITE
    place=$folder/$1/src
    remove_folder "$place/new"
    mkdir -p "$place/new" "$place/shared/corpus" "$place/llava-check/build"
    git -c safe.directory="$tree" ls-files -z --cached --others --exclude-standard \
        --deduplicate >"$folder/files"
    xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh <"$folder/files" |
        tar --null --no-recursion -T - -cf - | tar -C "$place/new" -xf - --no-same-owner
    mv "$place/llava-check/build" "$place/new/build"
    remove_folder "$place/llava-check"
    mv "$place/new" "$place/llava-check"
}

# Run a command in the copied tree, as USER. The corpus is read-only.
inside() { # SUITE USER COMMAND
    root=$folder/$1 user=$2 corpus=$corpus verdicts=$folder/verdicts in_tree=$3 \
        alone sh -eu -c '
        mount -t proc proc "$root/proc"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
        mount --bind "$root/dev/pts/ptmx" "$root/dev/ptmx"
        mkdir -p "$root/src/verdicts"
        mount --bind "$verdicts" "$root/src/verdicts"
        if [ -d "$corpus" ]; then
            mount --bind "$corpus" "$root/src/shared/corpus"
            mount -o remount,bind,ro "$root/src/shared/corpus"
        else
            rmdir "$root/src/shared/corpus" "$root/src/shared"
        fi
        exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
            LANG=C.UTF-8 CI="${CI:-}" runuser -u "$user" -- sh -c "
                HOME=\$(getent passwd $user | cut -d: -f6)
                export HOME
                cd /src/llava-check || exit 2
                $in_tree"' </dev/null
}

passed=0
failed=0

# Run a step, and print how it ended. It passes if it exits with WANTED and prints a line that
# matches PATTERN; otherwise return 1.
step() { # SUITE STEP WANTED PATTERN COMMAND...
    name=$1-$2
    wanted=$3
    pattern=$4
    shift 4
    begun=$(date +%s)
    code=0
    "$@" >"$logs/$name.log" 2>&1 || code=$?
    took=$(($(date +%s) - begun))
    if [ "$code" -eq "$wanted" ] && grep -q -e "$pattern" "$logs/$name.log"; then
        passed=$((passed + 1))
        echo "== $name: passed (exit $code, $took s)"
        grep -e "$pattern" "$logs/$name.log" | tail -n 3
    else
        failed=$((failed + 1))
        echo "== $name: FAILED (exit $code where $wanted is expected, $took s): $logs/$name.log"
        grep -A 100 -e "tests passed, " "$logs/$name.log" || tail -n 30 "$logs/$name.log"
        return 1
    fi
}

# Whether the verdicts of both builds are the same. Prints the first differences.
compare() {
    diff -r -U 0 "$folder/verdicts/bookworm" "$folder/verdicts/trixie" >"$folder/differences" || {
        head -c 10000 "$folder/differences"
        return 1
    }
    echo "the same"
}

demo='^FAILED: 15 errors, 2 warnings'
own='rm -rf ~/tree && mkdir ~/tree && tar -cf - --exclude=./build --exclude=.llava-check . |
    tar -C ~/tree -xf - && cd ~/tree && sh scripts/run.sh fixtures/demo'
sets='/usr/bin/python3 tests/diff/verdict_sets.py'
make_files="$sets make /src/verdicts/files"
judge="$sets judge /src/verdicts/files build/dev /src/verdicts/"

# Run all steps of a chroot; skip those that need an earlier one if that failed.
try_suite() { # SUITE
    make_chroot "$1" >"$logs/$1-make.log" 2>&1 || {
        tail -n 20 "$logs/$1-make.log" >&2
        give_up "$1 could not be made: $logs/$1-make.log"
    }
    copy_tree "$1"
    step "$1" run 1 "$demo" inside "$1" root 'sh scripts/run.sh fixtures/demo' || return 0
    step "$1" user 1 "$demo" inside "$1" checker "$own" || true
    step "$1" dev 0 '^100% tests passed, 0 tests failed' \
        inside "$1" root 'sh scripts/test.sh --again dev' || true
    [ -d "$folder/verdicts/files" ] || # by one of them: their encoders differ
        step "$1" files 0 'mutants of images' inside "$1" root "$make_files" || return 0
    step "$1" verdicts 0 'data sets$' inside "$1" root "$judge$1" || true
}

remove_folder "$folder/verdicts"
mkdir "$folder/verdicts"
for suite in bookworm trixie; do
    try_suite "$suite"
done
step both compare 0 '^the same$' compare || true
if [ "$remove" = yes ]; then
    for suite in bookworm trixie; do
        remove_folder "$folder/$suite"
    done
    remove_folder "$folder/verdicts"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
