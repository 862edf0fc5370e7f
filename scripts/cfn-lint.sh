#!/usr/bin/env bash
# Checks the packaged template with CloudFormation's own linter, in a pinned version so that its verdict does
# not change by itself. It is taken from PyPI into .cache/ once. No finding is suppressed.
# Exit 0: no findings. 2 and above: findings (cfn-lint's own codes). 77: no Python, or no way to get the linter.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly version=1.58.0
readonly venv=.cache/cfn-lint-$version
readonly template=${1:-.serverless/cloudformation-template-update-stack.json}

install() {
  command -v python3 >/dev/null || { echo 'cfn-lint: there is no python3'; return 1; }
  mkdir -p .cache
  python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check "cfn-lint==$version" && return
  rm -rf "$venv"
  echo 'cfn-lint: it cannot be installed'
  return 1
}

if [[ -x $venv/bin/cfn-lint ]]; then
  linter=$venv/bin/cfn-lint
elif [[ $(cfn-lint --version 2>/dev/null) == "cfn-lint $version" ]]; then
  linter=cfn-lint
else
  install || exit 77
  linter=$venv/bin/cfn-lint
fi
[[ -f $template ]] || { echo "cfn-lint: $template is not there; run: npm run package -- --region eu-central-1"; exit 1; }
# One region of each partition that is open to everybody or to governments: what there is differs.
readonly regions=(eu-central-1 cn-north-1 us-gov-west-1)
for region in "${regions[@]}"; do
  "$linter" --non-zero-exit-code informational --regions "$region" -- "$template"
done
echo "cfn-lint: no findings in ${regions[*]}"
