llava-check version | sed -E 's/^(  [a-zA-Z-]+ +)[0-9.]+$/\1N/'
llava-check --version | sed -E '2,$d'
