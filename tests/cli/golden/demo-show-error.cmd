llava-check demo --show error $THREADS
