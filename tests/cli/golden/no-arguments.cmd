llava-check
