# shellcheck shell=bash
# Installs what the scripts need, and only what is missing. Sourced.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# install_packages GROUP...: the Debian packages of these groups of packages.txt.
install_packages() {
  local -a wanted missing
  mapfile -t wanted < <(packages_of "$@")
  [[ ${#wanted[@]} -gt 0 ]] || die "no packages for the groups '$*' in scripts/lib/packages.txt"
  mapfile -t missing < <(missing_of "${wanted[@]}")
  [[ ${#missing[@]} -eq 0 ]] && return

  command -v apt-get >/dev/null || die "these scripts install packages with apt-get, which is not here." \
    "Use Debian 12, or install by yourself: ${missing[*]}"
  local -a as_root=()
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || die "packages are missing, and only root may install them." \
      "As root, run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi

  say "Installing ${#missing[@]} packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq ||
    die "apt-get update failed (see above)." "Check the network and /etc/apt/sources.list, then run this again."
  apt_get_install "${missing[@]}" ||
    die "apt-get could not install: ${missing[*]} (see above)." \
      "creel is built on Debian 12; what it needs stands in scripts/lib/packages.txt."
}

# install_node: Node.js and npm, which build the page. What is here already is left alone: a Node.js that is not Debian's
# brings an npm of its own, and the two cannot be installed together.
install_node() {
  node_is_usable && return
  install_packages web
  node_is_usable || die "the page is built with Node.js 18 or newer and npm; 'node --version' says: $(node --version 2>&1)" \
    "Remove that one from PATH, or install a newer one with its npm."
}

node_is_usable() {
  local version
  command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [[ ${version%%.*} -ge 18 ]]
}

# python_venv: .venv with what tests/requirements.txt names; made anew only when that file or Python has changed.
python_venv() {
  local python=/usr/bin/python3 venv=$CREEL_ROOT/.venv requirements=$CREEL_ROOT/tests/requirements.txt stamp
  stamp=$({ "$python" --version && cat "$requirements" && printf '%s' "$CREEL_ROOT"; } | sha256sum)
  [[ -f $venv/made-from && $(<"$venv/made-from") == "$stamp" ]] && return

  say "Making .venv with the Python packages of tests/requirements.txt"
  rm -rf "$venv"
  "$python" -m venv "$venv" || die "$python could not make $venv." "Is the package python3-venv installed?"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$requirements" ||
    die "pip could not install the packages of tests/requirements.txt (see above)." \
      "Check the network, then run this again."
  printf '%s\n' "$stamp" >"$venv/made-from"
}

packages_of() {
  local group
  for group; do
    awk -v group="$group" '$1 == group { print $2 }' "$CREEL_ROOT/scripts/lib/packages.txt"
  done | sort -u
}

missing_of() {
  # dpkg-query fails for packages it has never heard of; those are missing just the same.
  comm -23 <(printf '%s\n' "$@" | sort) \
    <({ dpkg-query -W -f '${binary:Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
      awk '$2 == "installed" { sub(/:.*/, "", $1); print $1 }' | sort -u)
}

# apt_get_install PACKAGE...
# Debian starts a service as soon as its package is there. Ours (nginx) are started by the scripts that use them, on
# ports of their own, so that nobody finds a web server on port 80 for having run the tests.
apt_get_install() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" >/dev/null
)
