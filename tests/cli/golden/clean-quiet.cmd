mkdir set && cp -r rules/images set && cp rules/IMG503-ok-dot.json set
llava-check set -q $THREADS
