llava-check demo $THREADS
