mkdir set && cp -r rules/images set && cp rules/CNV304-*.json rules/CNV306-*.json set
llava-check set $THREADS
