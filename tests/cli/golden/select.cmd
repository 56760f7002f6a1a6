llava-check demo --select JSN,CNV,TOK --ignore CNV3,TOK404 --select CNV303 --severity CNV303=warning $THREADS
