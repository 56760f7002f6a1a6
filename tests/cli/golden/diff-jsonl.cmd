cp -r demo new
sed -i -e 's/"coco\/train2017\/000000033471.jpg/"coco\/moved.jpg/' \
    -e 's/"id": "2369747"/"id": "a new one"/' \
    -e 's/What is on the plate?/What lies on the plate?/' \
    -e '0,/"data_source": "vg"/s//"data_source": "gqa"/' -e 33,47d \
    -e '1a {"id": 7, "conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": "!"}]},' \
    -e 's/gqa\/images\/2358420.jpg/gqa\/images\/none.jpg/' new/llava_demo.json
mv new/images/coco/train2017/000000033471.jpg new/images/coco/moved.jpg
printf x >> new/images/ai2d/images/1017.png
llava-check demo -q $THREADS
llava-check new -q $THREADS
llava-check diff demo new/.llava-check/index.mdb --format jsonl
