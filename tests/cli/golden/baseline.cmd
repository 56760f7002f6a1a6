llava-check demo -q --select IMG --write-baseline b.json $THREADS
cat b.json
rm demo/images/coco/train2017/000000033471.jpg
llava-check demo --select IMG --baseline b.json --prune-baseline --recheck $THREADS
