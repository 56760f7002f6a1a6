llava-check demo -q $THREADS
llava-check index dump rows demo -f csv | head -5
llava-check index dump findings demo
