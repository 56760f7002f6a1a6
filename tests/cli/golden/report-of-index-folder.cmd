llava-check demo -q
llava-check report demo/.llava-check --show error
