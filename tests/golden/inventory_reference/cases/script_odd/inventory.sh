#!/bin/sh
cat <<'EOF'
{"single": {"ansible_host": "10.0.0.9", "v": 1},
 "grp": {"hosts": ["h1", "h2"], "extra": 1},
 "novars": {"hosts": ["h1"], "vars": {}},
 "_meta": {"hostvars": {"h1": {"t": "{{ x }}"}}}}
EOF
