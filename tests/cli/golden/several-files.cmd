mkdir set && cp -r rules/images set && cp rules/ROW20*.json rules/TOK40*.json rules/JSN101*.json rules/JSN102*.json set
llava-check set --show info $THREADS
