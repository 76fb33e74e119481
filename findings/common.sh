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

# debian PACKAGE=VERSION…: of Debian 12, with what they depend on, unpacked into the folder; the machine's own packages stay as they are.
debian() {
  echo "packages: $*, Debian $(cat /etc/debian_version)"
  mkdir -p "$desk/archives/partial" "$desk/root"
  for package; do apt-cache show "$package" >/dev/null 2>&1 || apt-get update -qq; done
  apt-get install --yes --download-only --reinstall --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$desk/archives" "$@" >"$desk/apt" 2>&1 || { cat "$desk/apt" >&2; exit 1; }
  for archive in "$desk"/archives/*.deb; do dpkg-deb --extract "$archive" "$desk/root"; done
  export PATH="$desk/root/usr/bin:$desk/root/usr/sbin:$desk/root/bin:$desk/root/sbin:$PATH"
  LD_LIBRARY_PATH=$(find "$desk/root" -name '*.so*' -printf '%h\n' | sort -u | tr '\n' ':')
  export LD_LIBRARY_PATH PYTHONPATH="$desk/root/usr/lib/python3/dist-packages:/usr/lib/python3/dist-packages" PERL5LIB="$desk/root/usr/share/perl5" PYTHONDONTWRITEBYTECODE=1
}

# Runs the shell commands on standard input and shows what they print.
steps() {
  cat >"$desk/steps.sh"
  (cd "$desk" && bash -euo pipefail steps.sh) | tee "$desk/seen"
}

# A C compiler for what generates C, installed if the machine has none.
compiler() {
  command -v gcc >/dev/null || { apt-get update -qq && apt-get install --yes --no-install-recommends gcc libc6-dev >/dev/null; }
}

# evaluated METHOD WORDS: what a method of table.aml returns, as acpiexec has it, in one line behind these words.
evaluated() {
  acpiexec -b "evaluate $1" table.aml 2>/dev/null | grep -A3 'returned object' | grep -v -e returned -e ACPI: | tr -s ' \n' ' ' | sed "s|^|$2:|; s| \$|\n|";
}
export -f evaluated
