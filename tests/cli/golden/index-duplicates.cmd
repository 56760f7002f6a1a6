cp demo/images/ai2d/images/1017.png demo/images/ai2d/images/2840.png
cp demo/images/ai2d/images/1017.png demo/images/ocr_vqa/images/1579653052.jpg
llava-check demo -q $THREADS
llava-check index duplicates demo
llava-check index duplicates demo -f jsonl
