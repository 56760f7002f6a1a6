llava-check version | sed -E '/^  ISA-L /d; s/^(  [a-zA-Z0-9-]+ +)[0-9.]+$/\1N/'
llava-check --version | sed -E '2,$d'
