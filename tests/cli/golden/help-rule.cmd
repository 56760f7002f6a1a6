llava-check help IMG507
