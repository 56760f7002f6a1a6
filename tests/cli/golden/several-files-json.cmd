mkdir set && cp -r rules/images set && cp rules/ROW206*.json rules/JSN10*.json* rules/IMG501*.json set
llava-check set --show info -f json $THREADS
