llava-check diff --help
