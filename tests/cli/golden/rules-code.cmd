llava-check rules CNV303
