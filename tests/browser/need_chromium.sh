#!/bin/sh
# Browser tests need Chromium: installs Debian's where that can be done without asking, else says how.
set -eu

[ -x /usr/bin/chromium ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests…"
    if apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium; then
        exit 0
    fi
fi

echo "The browser tests need /usr/bin/chromium. On Debian: apt-get install chromium" >&2
exit 1
