llava-check diff demo
