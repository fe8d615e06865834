#!/bin/sh
cat <<'EOF'
{"web": {"hosts": ["a", "b"], "vars": {"x": 1}, "children": ["sub"]},
 "sub": ["c"], "lone": {}, "all": {"vars": {"z": [true, null, 1.5]}},
 "_meta": {"hostvars": {"a": {"p": "q"}, "c": {"d": {"e": 1}}, "ghost": {"x": 1}}}}
EOF
