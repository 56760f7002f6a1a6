llava-check version
llava-check --version
llava-check -V
