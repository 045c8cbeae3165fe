#!/bin/sh
# Programs that the tests start and no Python package carries: the system's Chromium, nginx, Varnish and Redis.
# What is missing root installs from Debian's packages; none of it is started as a service.
set -eu
missing=""
found() { for name in "$@"; do command -v "$name" >/dev/null 2>&1 && return 0; done; return 1; }
PATH="$PATH:/usr/sbin:/sbin"
found chromium chromium-browser google-chrome google-chrome-stable || missing="$missing chromium"
found openssl || missing="$missing openssl"
found nginx || missing="$missing nginx-light"
found varnishd || missing="$missing varnish"
found redis-server valkey-server || missing="$missing redis-server"
# Only make bench needs it.
[ "${1:-}" != bench ] || found wrk || missing="$missing wrk"
if [ -z "$missing" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing ..."
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    # A package of a server starts it when it is installed, unless this file says no.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get -qq update
    # shellcheck disable=SC2086
    apt-get -qq install -y --no-install-recommends $missing >/dev/null
    exit 0
fi
echo "The tests need these programs, install them and run make test again (names of Debian's packages):$missing" >&2
exit 1
