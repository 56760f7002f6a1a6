#!/bin/sh
# oracles.sh - run training programs on the cases of tests/oracles and record what they do:
#              sh scripts/oracles.sh [--new | --compare] [PROGRAM…]
#
# Virtual environments (5 GB each), checkouts and cases are kept in $LC_ORACLES (build/oracles);
# an existing checkout in $LC_CHECKOUTS/NAME (by default in $LC_ORACLES) is used as it is.
# With --new, only cases are run that have not been recorded yet, or have changed since.
# With --compare, only llava-check is run, and its predictions are compared with the records. The
# figures and the differences go to tests/oracles/agreement and src/rules/agreement.def.
set -eu

cd "$(dirname "$0")/.."
home=${LC_ORACLES:-build/oracles}
checkouts=${LC_CHECKOUTS:-$home/checkouts}
oracles=tests/oracles
mkdir -p "$home" "$checkouts"

compare=no
keep=
case ${1:-} in
--compare) compare=yes && shift ;;
--new) keep=--keep && shift ;;
esac

# Print the form, venv, Python, repository and commit of a program.
facts() {
    awk -v name="$1" '$1 == name { print $2, $3, $4, $5, $6 }' "$oracles/programs.txt"
}

# Write the cases in a form, unless they are newer than the scripts that make them.
cases() {
    folder=$home/cases-$1
    if [ -e "$folder/index.jsonl" ] &&
        [ -z "$(find "$oracles"/case*.py fixtures -newer "$folder/index.jsonl" -type f | head -1)" ]; then
        return 0
    fi
    rm -rf "$folder"
    mkdir -p "$folder"
    /usr/bin/python3 -B "$oracles/write_cases.py" "$folder" "$1"
}

tokenizers() {
    [ -e "$home/tokenizers/qwen/merges.txt" ] && return 0
    "$1" -m pip download --quiet --no-deps --dest "$home/wheels" dashscope==2.0.2 \
        mistral-common==1.12.0 trl==1.16.0
    "$1" -B "$oracles/make_tokenizers.py" "$home/tokenizers" "$home"/wheels/dashscope-*.whl \
        "$home"/wheels/mistral_common-*.whl "$home"/wheels/trl-*.whl
}

record() {
    # shellcheck disable=SC2046 # five words
    set -- "$1" $(facts "$1")
    [ $# -eq 6 ] || { echo "oracles.sh: no program $1 in $oracles/programs.txt" >&2; exit 2; }
    name=$1 form=$2 venv=$3 version=$4 repository=$5 commit=$6
    if [ ! -e "$home/$venv/ready" ]; then
        "python$version" -m venv "$home/$venv"
        "$home/$venv/bin/pip" install --quiet -r "$oracles/venvs/$venv.txt"
        touch "$home/$venv/ready"
    fi
    checkout=$checkouts/${repository##*[/:]}
    case $repository in
    pypi:*) # the release is installed, and there is no checkout
        checkout=$checkout-$commit
        mkdir -p "$checkout"
        echo "${repository#pypi:} $commit" >"$checkout.commit"
        "$home/$venv/bin/python" -m pip install --quiet --no-deps "${repository#pypi:}==$commit"
        ;;
    esac
    if [ ! -d "$checkout" ]; then
        git clone --quiet "https://github.com/$repository" "$checkout"
        git -C "$checkout" checkout --quiet "$commit"
    fi
    tokenizers "$home/$venv/bin/python"
    cases "$form"
    # one thread: record.py forks, which the threads of OpenMP do not survive
    HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 CUDA_VISIBLE_DEVICES='' TOKENIZERS_PARALLELISM=false PYTHONDONTWRITEBYTECODE=1 \
        nice -n 10 "$home/$venv/bin/python" "$oracles/record.py" "$name" --checkout "$checkout" \
        --tokenizers "$home/tokenizers" --cases "$home/cases-$form" --work "$home/work-$name" \
        --out "$oracles/outcomes/$name.json" ${keep:+"$keep"}
}

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # a list of words
    set -- $(awk '$1 !~ /^#/ { print $1 }' "$oracles/programs.txt")
fi
for program in "$@"; do
    if [ "$compare" = yes ]; then
        [ -e "$oracles/outcomes/$program.json" ] || { echo "$program: nothing is recorded yet" && continue; }
        form=$(facts "$program" | cut -d ' ' -f 1)
        cases "$form"
        /usr/bin/python3 -B "$oracles/compare.py" "$program" --cases "$home/cases-$form" \
            --check "${LC_CHECK:-build/dev/llava-check}" --keep || true
    else
        record "$program"
    fi
done
