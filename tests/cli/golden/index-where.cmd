llava-check demo -q $THREADS
llava-check index images demo -w widht=3
llava-check index images demo -w verdict=corupt
llava-check index images demo -w 'mode>L'
