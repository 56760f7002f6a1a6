llava-check demo -q $THREADS
llava-check index stats demo
