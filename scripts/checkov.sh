#!/usr/bin/env bash
# Checks the packaged template with checkov, in a pinned version so that its verdict does not change by itself. It is
# taken from PyPI into .cache/ once. Findings that are answered stand in docs/security.md, each with the answer, and
# nowhere else: that table is read here.
# Exit 0: no other findings. 1: findings. 77: no Python, or no way to get checkov.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly version=3.3.30
readonly venv=.cache/checkov-$version
readonly template=${1:-.serverless/cloudformation-template-update-stack.json}

install() {
  command -v python3 >/dev/null || { echo 'checkov: there is no python3'; return 1; }
  mkdir -p .cache
  python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check "checkov==$version" && return
  rm -rf "$venv"
  echo 'checkov: it cannot be installed'
  return 1
}

[[ -x $venv/bin/checkov ]] || install || exit 77
[[ -f $template ]] || { echo "checkov: $template is not there; run: npm run package -- --region eu-central-1"; exit 1; }
answered=$(grep -oE '^\| CKV2?_AWS_[0-9]+' docs/security.md | cut -c3- | paste -sd,)
"$venv/bin/checkov" --file "$template" --framework cloudformation --skip-download --compact --quiet --skip-check "$answered"
echo "checkov: no findings but those that docs/security.md answers ($answered)"
