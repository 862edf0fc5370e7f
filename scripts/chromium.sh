#!/usr/bin/env bash
# Sees to it that there is a browser for the page's tests: where there is none, Debian's is installed. For machines
# that are there for tests: .ci/run calls this, `npm run test:real` installs nothing on anybody's system.
# Exit 0: there is one. 77: there is none, and it cannot be installed here. Else apt-get's own code.
set -euo pipefail
cd "$(dirname "$0")/.."

find_chromium() { npx --no-install node scripts/real/chromium.ts; }

find_chromium && exit 0
if [[ -n ${CHROME_PATH:-} ]] || ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then
  echo 'chromium: only apt-get, called by root and without CHROME_PATH, can install it'
  exit 77
fi
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium
find_chromium
