llava-check rules CNV999
