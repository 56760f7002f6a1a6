mkdir set && cp -r rules/images set && cp rules/ROW204-fires-*.json set
llava-check set $THREADS
llava-check report set -q --fail-on info
