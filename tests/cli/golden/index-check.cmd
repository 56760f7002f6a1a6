llava-check demo -q $THREADS
llava-check index check demo
printf x | dd of=demo/.llava-check/index.mdb bs=1 seek=9000 conv=notrunc 2>/dev/null
llava-check index check demo
