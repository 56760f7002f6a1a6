llava-check demo -q -o run.json
rm -r demo/images demo/llava_demo.json
llava-check report demo -f json | cmp - run.json && echo same
