#!/bin/sh
# Makes .venv and installs the pinned requirements and hirewatch itself (editable) into it.
#
#     requirements/install.sh main|test
#
# `main` is what hirewatch needs to run, `test` has what the tests need too. Uses uv where it is there, else
# python3 -m venv and pip. The Makefile calls it when a file here or pyproject.toml is newer than .venv/.main or .venv/.test.
set -eu
cd "$(dirname "$0")/.."
set_name=$1
venv=.venv

say() { printf 'hirewatch: %s\n' "$*" >&2; }
stop() { say "$@"; exit 1; }
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    stop "needs Python 3.11 or newer, and ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 || true);" \
        "install it, or name it: make PYTHON=/path/to/python3.13"
}

pins="--require-hashes -r requirements/$set_name.txt -r requirements/build.txt"

with_uv() {
    # uv does not read pip's configuration: where only pip knows another index, tell uv
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}${UV_CONFIG_FILE:-}" ]; then
        index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
        if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
    fi
    export UV_PYTHON_DOWNLOADS=never
    if ! new_enough "$venv/bin/python"; then uv venv --quiet --clear --python "$python" "$venv" || return; fi
    # shellcheck disable=SC2086
    uv pip install --quiet --python "$venv/bin/python" $pins || return
    uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
}

with_pip() {
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! new_enough "$venv/bin/python"; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null || stop "$python cannot make environments:" \
            "it lacks the module venv or ensurepip. On Debian and Ubuntu: apt-get install python3-venv"
        "$python" -m venv --clear "$venv"
    fi
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_USE_PEP517=1
    # shellcheck disable=SC2086
    "$venv/bin/python" -m pip install --quiet $pins
    "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
}

python=$(find_python)
if command -v uv >/dev/null 2>&1; then
    say "installing the pinned requirements with uv into $venv"
    with_uv || { say "uv could not; trying venv and pip"; with_pip; }
else
    say "installing the pinned requirements with pip into $venv (once; a minute or two)"
    with_pip
fi
touch "$venv/.$set_name"
