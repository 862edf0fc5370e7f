# Sourced by the checks of the template. Each is taken from PyPI in a pinned version, so that its verdict does not
# change by itself, once, into .cache/.

readonly template=${1:-.serverless/cloudformation-template-update-stack.json}

# from_pypi NAME VERSION: leaves the program's path in $program. Exit 77: no Python, or no way to get it.
from_pypi() {
  local name=$1 version=$2 venv=.cache/$1-$2
  if [[ ! -x $venv/bin/$name ]]; then
    command -v python3 >/dev/null || { echo "$name: there is no python3"; exit 77; }
    mkdir -p .cache
    python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check "$name==$version" || {
      rm -rf "$venv"
      echo "$name: it cannot be installed"
      exit 77
    }
  fi
  program=$venv/bin/$name
}

# needs_template NAME: ends the check where the template was not made yet.
needs_template() {
  [[ -f $template ]] || { echo "$1: $template is not there; run: npm run package -- --region eu-central-1"; exit 1; }
}
