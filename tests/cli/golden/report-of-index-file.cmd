llava-check demo -q
llava-check report demo/.llava-check/index.mdb -f stats
