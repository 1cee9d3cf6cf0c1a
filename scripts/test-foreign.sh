#!/usr/bin/env bash
# Drives the sandbox with clients that are not the SDK for JavaScript: boto3 and the AWS CLI, from PyPI, in a virtual
# environment in the cache folder. The last line of standard output counts the tests ("N passed, N failed"); the exit
# code is not 0 when one failed or none ran. Arguments go to pytest: `npm run test:foreign -- -k s3`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

node=node_modules/.bin/node
requirements=test/foreign/requirements.txt
oldest='3.10'
serves='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'

say() { echo "test:foreign: $*" >&2; }

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
    if "$name" -c "$serves" 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# Debian and Ubuntu leave venv out of their python3.
install_python() {
  [[ -f /etc/debian_version ]] && command -v apt-get >/dev/null && ((EUID == 0)) || return 1
  say "installing python3-venv with apt-get"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv; } >&2
}

explain_missing_python() {
  say "python3 $oldest or later with the modules venv and ensurepip is needed; here is $(python3 --version 2>&1 || true)"
  say "on Debian or Ubuntu: sudo apt-get install python3 python3-venv; on macOS: brew install python3"
}

# Made under another name and renamed when complete: an interrupted run leaves nothing that looks usable, and of two
# runs at once both get one. Everything in it is run by `python -m`, which does not mind the move.
make_environment() {
  say "making $environment (once for these versions; about 250 MB)"
  draft="$environment.making-$$"
  "$python" -m venv "$draft"
  "$draft/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$requirements" >&2
  [[ -e $environment ]] || mv "$draft" "$environment"
}

work=$(mktemp -d)
draft=
sandbox=
finish() {
  if [[ -n $sandbox ]]; then
    kill "$sandbox" 2>/dev/null || true
    wait "$sandbox" 2>/dev/null || true
  fi
  rm -rf "$work" ${draft:+"$draft"}
}
trap finish EXIT
trap 'exit 130' INT TERM

python=$(find_python) || { install_python && python=$(find_python); } || { explain_missing_python && exit 1; }
cache=${HOLDFAST_CACHE:-$("$node" -p "require('env-paths').default('holdfast', { suffix: '' }).cache")}
key=$({ "$python" -VV && cat "$requirements"; } | cksum | tr -d ' ')
environment="$cache/foreign-clients-$key"
mkdir -p "$cache"
[[ -e $environment ]] || make_environment
touch "$environment"
# Those of other versions, when nothing has used them for a month.
find "$cache" -maxdepth 1 -name 'foreign-clients-*' -mtime +30 -exec rm -rf {} +

"$node" test/foreign/start-sandbox.ts >"$work/sandbox.json" &
sandbox=$!
for _ in {1..600}; do
  [[ -s $work/sandbox.json ]] && break
  kill -0 "$sandbox" 2>/dev/null || { say "the sandbox did not start" && exit 1; }
  sleep 0.1
done
[[ -s $work/sandbox.json ]] || { say "the sandbox was not up after a minute" && exit 1; }

# Nothing of the machine's own AWS set-up, and no proxy, between the clients and the sandbox.
for name in $(compgen -e | grep -E '^AWS_|^(https?|all)_proxy$' || true) HTTP_PROXY HTTPS_PROXY ALL_PROXY; do
  unset "$name"
done
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
HOLDFAST_SANDBOX=$(cat "$work/sandbox.json") PYTHONDONTWRITEBYTECODE=1 \
  "$environment/bin/python" -m pytest -p no:cacheprovider --tb=short -q test/foreign "$@"
