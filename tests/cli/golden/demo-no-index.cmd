llava-check demo -q --no-index $THREADS
echo "exit code $?"
ls -A demo
