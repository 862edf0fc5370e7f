#!/usr/bin/env bash
# Checks the packaged template with CloudFormation's own linter. No finding is suppressed.
# Exit 0: no findings. 2 and above: findings (cfn-lint's own codes). 77: no Python, or no way to get the linter.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/from-pypi.sh

version=1.58.0
if [[ $(cfn-lint --version 2>/dev/null) == "cfn-lint $version" ]]; then
  program=cfn-lint
else
  from_pypi cfn-lint "$version"
fi
needs_template cfn-lint
# One region of each partition that is open to everybody or to governments: what there is differs.
readonly regions=(eu-central-1 cn-north-1 us-gov-west-1)
for region in "${regions[@]}"; do
  "$program" --non-zero-exit-code informational --regions "$region" -- "$template"
done
echo "cfn-lint: no findings in ${regions[*]}"
