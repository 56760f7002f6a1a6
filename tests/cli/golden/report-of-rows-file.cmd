llava-check demo -q
llava-check report demo/llava_demo.json --show error
