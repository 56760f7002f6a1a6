llava-check rules img507
