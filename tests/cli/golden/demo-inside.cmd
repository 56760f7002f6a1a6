cd demo && llava-check . $THREADS
