llava-check demo --show info $THREADS
