#!/bin/sh
# cppcheck.sh - cppcheck over src/; findings are errors
#
# False positives are listed, with reasons, in .cppcheck-suppressions; an entry that is no longer
# needed is an error too.
set -eu

cd "$(dirname "$0")/.."
cppcheck -q -j 2 --std=c11 --enable=warning,performance,portability,information \
    -UMADV_POPULATE_READ --library=posix \
    --suppressions-list=.cppcheck-suppressions --error-exitcode=1 -Iinclude -Isrc \
    --template='{file}:{line}: {severity}: {id}: {message}' src
