llava-check rules
