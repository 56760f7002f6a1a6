llava-check help
