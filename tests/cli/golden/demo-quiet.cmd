llava-check demo -q $THREADS
