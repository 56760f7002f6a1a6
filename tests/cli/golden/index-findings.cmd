llava-check demo -q $THREADS
llava-check index findings demo
llava-check index findings demo --rule image-extension -f json
