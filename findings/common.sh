# For the scripts beside it: public packages of fixed versions in a folder that is thrown away, a program that uses them, and what it printed.
set -euo pipefail

desk=$(mktemp -d)
trap 'rm -rf "$desk"' EXIT

# install PACKAGE@VERSION…
install() {
  echo "packages: $*, Node $(node --version)"
  (cd "$desk" && npm init --yes >/dev/null && npm install --no-audit --no-fund --loglevel=error "$@" >/dev/null)
}

# Runs the module on standard input and shows what it prints.
run() {
  cat >"$desk/program.mjs"
  (cd "$desk" && node program.mjs) | tee "$desk/seen"
}

# What must have been printed, whole, on standard input. Anything else ends the script with 1.
seen() {
  cat >"$desk/expected"
  if diff -u "$desk/expected" "$desk/seen"; then echo 'as described'; else echo 'not as described any more' >&2; exit 1; fi
}
