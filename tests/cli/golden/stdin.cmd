llava-check - < demo/llava_demo.json
