mkdir set && cp rules/TOK402-fires-list.json rules/TOK402-fires-missing.json set && cp -r rules/images set
echo '{"a": 1}' > set/config.json
mkdir set/folder.json
llava-check set $THREADS
