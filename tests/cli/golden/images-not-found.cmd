rm -r demo/images
llava-check demo --show error $THREADS
