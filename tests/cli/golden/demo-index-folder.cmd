llava-check demo -q --index kept/here $THREADS
ls -A demo kept/here
llava-check report kept/here
