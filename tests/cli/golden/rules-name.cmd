llava-check rules turns-not-alternating
