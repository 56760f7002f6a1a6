llava-check demo -q -o a.json --report=b.txt $THREADS
echo "exit code $?"
ls
cat a.json b.txt
