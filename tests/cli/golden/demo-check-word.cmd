llava-check check demo/ $THREADS
