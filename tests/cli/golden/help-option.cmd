llava-check --help
