#!/usr/bin/env bash
# Installs what the tests need of the machine, where it is missing: PostgreSQL
# (a private temporary cluster is made from its programs; the system's service is
# not used), Chromium and nginx. On Debian and Ubuntu only; elsewhere it says
# what to install and fails.
set -euo pipefail

missing=()
has() { PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

for program in go node npm; do
  if ! has "$program"; then
    echo "setup: $program is not installed. Warder is built with the Go version in go.mod and Node 20 or later." >&2
    exit 1
  fi
done
if ! has initdb && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
  missing+=(postgresql)
fi
if ! has chromium && ! has chromium-browser && ! has google-chrome; then
  missing+=(chromium fonts-liberation) # without a typeface a page has no words
fi
if ! has nginx; then
  missing+=(nginx)
fi
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

echo "setup: installing ${missing[*]}"
if ! has apt-get; then
  echo "setup: this machine has no apt-get. Install by hand: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! has sudo; then
    echo "setup: not root, and no sudo. Ask somebody who is to install: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
# A started service would take ports and prove nothing: tests run their own.
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
  apt-get install -y -q --no-install-recommends "${missing[@]}"
