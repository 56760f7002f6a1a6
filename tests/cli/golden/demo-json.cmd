llava-check demo -f json $THREADS
