#!/bin/sh
# Say where Chromium is, for the tests in a real browser; where there is none, install Debian's package.
set -eu

find_chromium() {
    for name in "${CHATVITALS_CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && command -v "$name"; then return 0; fi
    done
    return 1
}

if find_chromium; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "—— installing Chromium (Debian package)" >&2
    { apt-get update -q && apt-get install -y -q --no-install-recommends chromium; } > /dev/null
    find_chromium && exit 0
fi
echo "there is no Chromium: install it (Debian: apt-get install chromium) or name it in CHATVITALS_CHROMIUM" >&2
exit 1
