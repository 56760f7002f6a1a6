#!/bin/sh
# ray.sh - run llava_check.ray on a Ray cluster of three nodes on this machine: sh scripts/ray.sh [PRESET]
#
# One of the nodes is killed while it works: the report must still be the same as that of a single run.
# The same goes for a Dataset of Ray Data, whose rows must get the verdicts that they have in one batch.
# Ray comes from pip's index, into build/ray: about 600 MB.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh
preset=${1:-dev}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" --target llava-check >/dev/null
environment=$PWD/build/ray
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/python" -m pip --disable-pip-version-check install -q 'ray[data]>=2' tqdm
exec "$environment/bin/python" -B scripts/ray_cluster.py "build/$preset"
