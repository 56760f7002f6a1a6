llava-check demo --color always $THREADS
