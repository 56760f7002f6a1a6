llava-check demo -q $THREADS
llava-check demo $THREADS
