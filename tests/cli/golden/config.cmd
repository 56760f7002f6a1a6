printf 'fail-on: warning\nignore: [IMG, TOK4]\nper-folder-ignores:\n  coco: CNV\nbaseline: b.json\n' > llava-check.yaml
llava-check config demo --show info -j 2
llava-check config demo --isolated --format json
