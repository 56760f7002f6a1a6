mkdir set && cp -r rules/images set && cp rules/CNV304-*.json set
llava-check set -q $THREADS --fail-on warning
