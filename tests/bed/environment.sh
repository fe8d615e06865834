# Sourced by the project's own commands from the project root: finds Python and prepares the virtual environment.
# shellcheck shell=bash

OLDEST_PYTHON=3.11

# Where the surroundings forbid it, every single command would compile all it imports anew.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }

is_new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c "import sys; sys.exit(sys.version_info < tuple(map(int, '$OLDEST_PYTHON'.split('.'))))" 2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# install_debian WHY PACKAGE...: what apt can add is added, everybody else reads one line.
install_debian() {
    local why=$1
    shift
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        say "orchestr8: $why; install it (on Debian: apt-get install $*) or run this as root on Debian"
        exit 1
    fi
    say "orchestr8: installing $*"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >/dev/null
}

make_venv() {
    local python=$1
    "$python" -c 'import ensurepip' 2>/dev/null || install_debian "$python cannot make virtual environments" python3-venv
    say "orchestr8: making the virtual environment .venv with $("$python" -V)"
    "$python" -m venv .venv
}

# ensure_venv run|dev: .venv exists and holds the project with that much beside it; quick when nothing changed.
ensure_venv() {
    local wants=$1 python recipe target=.
    if ! [ -x .venv/bin/python ] || ! is_new_enough .venv/bin/python; then
        find_python >/dev/null || install_debian "Python $OLDEST_PYTHON or newer is missing" python3 python3-venv
        python=$(find_python) || { say "orchestr8: no Python $OLDEST_PYTHON or newer was found"; exit 1; }
        make_venv "$python"
    fi
    recipe=$(sha256sum pyproject.toml | cut -d' ' -f1)
    if [ "$(cat .venv/installed-dev 2>/dev/null)" = "$recipe" ]; then return 0; fi
    if [ "$wants" = run ] && [ "$(cat .venv/installed-run 2>/dev/null)" = "$recipe" ]; then return 0; fi
    [ "$wants" = run ] || target='.[dev]'
    say "orchestr8: installing $target into .venv"
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --editable "$target"
    printf '%s\n' "$recipe" >".venv/installed-$wants"
}
