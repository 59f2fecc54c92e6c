# Installs what a lock file names, and the project: with uv in seconds or, where it does not get through, with pip.
# Called by make with BIN (the virtual environment's programs) and LOCK (versions and hashes).
set -eu
pip() { "$BIN/python" -m pip --disable-pip-version-check --quiet "$@"; }
# What pip was told of where packages are, uv does not know.
index=${PIP_INDEX_URL:-$(pip config get global.index-url 2>/dev/null || true)}
uv() { env ${index:+"UV_DEFAULT_INDEX=$index"} "$BIN/uv" --quiet pip install --python "$BIN/python" "$@"; }
locked="--require-hashes --no-deps"
here="--no-index --no-build-isolation --no-deps --editable"

{ pip install $locked --only-binary :all: -r deploy/requirements/uv.txt && uv $locked -r "$LOCK" && uv $here .; } || {
  echo "uv did not get through; pip takes a minute …" >&2
  pip install $locked -r "$LOCK"
  PYTHONWARNINGS=ignore pip install $here .
}
