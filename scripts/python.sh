#!/bin/sh
# python.sh - test everything about the Python package: sh scripts/python.sh [WHEEL]
#
# Installs WHEEL, or one built from this tree, into a separate environment, and runs there: the tests
# of python/tests, with data frames and parquet; mypy and pyright; the notebook. Builds the documentation
# site in build/site. Packages come from pip's index. --measure also compares the import of 2 GB of
# parquet with the conversion in the data card.
set -eu

cd "$(dirname "$0")/.."
tree=$(pwd)
measure=no
wheel=
for word; do
    case $word in
    --measure) measure=yes ;;
    *.whl) wheel=$word ;;
    *)
        echo "python.sh: no option $word" >&2
        exit 2
        ;;
    esac
done
environment=$tree/build/python
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
pip() { "$environment/bin/python" -m pip --disable-pip-version-check "$@"; }

echo "== packages"
pip install -q pytest pyarrow pandas polars duckdb pillow tqdm mypy pyright nbclient ipykernel fsspec datatrove orjson \
    mkdocs-material 'mkdocstrings[python]'
# Only what NeMo Curator's batches and stages need: torch and transformers would take gigabytes
pip install -q loguru ray cattrs attrs colorama psutil requests
pip install -q --no-deps nemo-curator cosmos-xenna
if [ -z "$wheel" ]; then
    rm -rf "$tree/build/python-wheel"
    pip wheel -q --no-deps -w "$tree/build/python-wheel" .
    wheel=$(echo "$tree"/build/python-wheel/*.whl)
fi
pip install -q --no-deps --force-reinstall "$wheel"

echo "== tests, of $(basename "$wheel")"
unset LLAVA_CHECK_LIBRARY PYTHONPATH || :
"$environment/bin/python" -m pytest -q -p no:cacheprovider python/tests
"$environment/bin/python" "$tree/scripts/python_api.py" --check

echo "== types"
"$environment/bin/python" -m mypy
"$environment/bin/python" -m pyright

echo "== notebook"
LLAVA_CHECK_DEMO=$tree/fixtures/demo "$environment/bin/python" - <<'END'
import sys
import nbformat
from nbclient import NotebookClient

book = nbformat.read("docs/notebooks/first_steps.ipynb", as_version=4)
NotebookClient(book, timeout=300, kernel_name="python3").execute()
count = sum(bool(cell.get("outputs")) for cell in book.cells)
assert count >= 10, count
nbformat.write(book, "build/first_steps.ipynb")
print(f"{count} cells have an output")
END

echo "== site"
export NO_MKDOCS_2_WARNING=1 LC_NOTEBOOK="$tree/build/first_steps.ipynb"
"$environment/bin/python" -m mkdocs build -q --strict

if [ "$measure" = yes ]; then
    echo "== import of parquet"
    pip install -q datasets
    PYTHONPATH=$tree/python/tests/frames \
        "$environment/bin/python" python/tests/frames/measure_import.py 2000 "$tree/build"
fi
