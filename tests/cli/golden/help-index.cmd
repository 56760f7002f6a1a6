llava-check help index
