llava-check demo -q $THREADS
llava-check index get demo 000000033471 000000520873 '2369747' nobody
