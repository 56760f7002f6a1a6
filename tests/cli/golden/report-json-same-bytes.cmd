llava-check demo -q -o run.json $THREADS
llava-check report demo -f json | cmp - run.json && echo same
llava-check report demo -q -o again.json
echo "exit code $?"
cmp again.json run.json && echo same
