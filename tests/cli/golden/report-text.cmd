llava-check demo -q $THREADS
llava-check report demo --show error
