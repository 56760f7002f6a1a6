mkdir -p set/pictures && mv demo/images set/pictures/all && mv demo/llava_demo.json set
llava-check set --images set/pictures/all --show error $THREADS
