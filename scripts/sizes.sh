#!/bin/sh
# sizes.sh - prints the longest functions and files: a report, not a limit
exec /usr/bin/python3 "$(dirname "$0")/sizes.py"
