llava-check help check > a
llava-check check --help > b
llava-check check -h > c
cmp a b && cmp b c && cat a
