#!/bin/sh
# The browser tests drive the system's Chromium. Where there is none, root installs Debian's package.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq install -y --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "The browser tests need Chromium: install it (Debian: apt-get install chromium) and run make test again." >&2
exit 1
