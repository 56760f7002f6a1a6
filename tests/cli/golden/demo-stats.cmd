llava-check demo --format=stats $THREADS
