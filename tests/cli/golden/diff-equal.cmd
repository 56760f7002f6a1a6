llava-check demo -q $THREADS
llava-check diff demo demo
