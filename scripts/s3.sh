#!/bin/sh
# s3.sh - check a data set in an S3 server on this machine: sh scripts/s3.sh [PRESET]
#
# The server is moto. Files and archives are checked there, through pyarrow and through fsspec: the reports
# must be the same as those of a local copy. Packages come from pip's index, into build/s3.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh
preset=${1:-dev}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" --target llava-check llava_check >/dev/null
environment=$PWD/build/s3
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/python" -m pip --disable-pip-version-check install -q 's3fs>=2025' 'moto[server]' pyarrow
exec "$environment/bin/python" -B scripts/s3_server.py "build/$preset"
