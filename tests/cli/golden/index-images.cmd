llava-check demo -q $THREADS
llava-check index images demo --where verdict!=ok
llava-check index images demo -w format=png -w 'width<300'
