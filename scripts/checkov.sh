#!/usr/bin/env bash
# Checks the packaged template with checkov. Findings that are answered stand in docs/security.md, each with the
# answer, and nowhere else: that table is read here.
# Exit 0: no other findings. 1: findings. 77: no Python, or no way to get checkov.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/from-pypi.sh

from_pypi checkov 3.3.30
needs_template checkov
answered=$(grep -oE '^\| CKV2?_AWS_[0-9]+' docs/security.md | cut -c3- | paste -sd,)
"$program" --file "$template" --framework cloudformation --skip-download --compact --quiet --skip-check "$answered"
echo "checkov: no findings but those that docs/security.md answers ($answered)"
