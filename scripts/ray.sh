#!/bin/sh
# ray.sh - llava_check.ray on a Ray cluster of three nodes on this machine: sh scripts/ray.sh [PRESET]
#
# One of the nodes is ended while it works: the report must be that of one run. So it is with a Dataset
# of Ray Data, whose rows must have the verdicts of one batch. Ray comes from pip's
# index, into build/ray: some 600 MB.
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
