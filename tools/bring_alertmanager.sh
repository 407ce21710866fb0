#!/bin/sh
# Say where Prometheus' Alertmanager is, for the tests that tell a real one; where there is none, install Debian's package.
set -eu

find_alertmanager() {
    for name in "${CHATVITALS_ALERTMANAGER:-}" prometheus-alertmanager alertmanager; do
        if [ -n "$name" ] && command -v "$name"; then return 0; fi
    done
    return 1
}

if find_alertmanager; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "—— installing Alertmanager (Debian package)" >&2
    # Nothing is started by the package: a file is all that is wanted of it.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    { apt-get update -q && apt-get install -y -q --no-install-recommends prometheus-alertmanager; } > /dev/null
    find_alertmanager && exit 0
fi
echo "there is no Alertmanager: install it (Debian: apt-get install prometheus-alertmanager) or name it in" \
    "CHATVITALS_ALERTMANAGER" >&2
exit 1
