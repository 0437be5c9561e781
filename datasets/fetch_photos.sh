#!/usr/bin/env bash
# Fetches the packages that hold the clean photographs and extracts them into datasets/photos.
#
#   datasets/fetch_photos.sh [small|all]      what else to fetch for training; PHOTOS=all does the same
#
# Packages are downloaded and unpacked below datasets/cache, not installed: that needs no root and
# leaves the system as it is. What was fetched once is not fetched again. Only tools that are missing
# (python3, python3-pip) are installed, which needs root or sudo.
set -euo pipefail
cd "$(dirname "$0")/.."

which_set="${1:-${PHOTOS:-small}}"
cache=datasets/cache
dcpt_data="${DCPT_DATA:-.build/release/dcpt-data}"

small_packages=(gcompris-qt-data lomiri-wallpapers-16.04 libjxl-testdata plasma-workspace-data)
all_packages=(
  enlightenment-data lomiri-wallpapers-20.04 plasma-workspace-wallpapers mate-backgrounds lxqt-themes)
wheels=(scikit-image==0.26.0 scikit-learn==1.9.1)

fail() {
  echo "fetch_photos.sh: $1" >&2
  echo "  $2" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

case "$which_set" in
  small) packages=("${small_packages[@]}") ;;
  all) packages=("${small_packages[@]}" "${all_packages[@]}") ;;
  *) fail "there is no set '$which_set'" "say small or all" ;;
esac
[ -x "$dcpt_data" ] || fail "$dcpt_data is missing" "run 'make build' first, or name it with DCPT_DATA"
command -v apt-get > /dev/null && command -v dpkg > /dev/null ||
  fail "this machine has no apt-get" "fetch the packages of datasets/README.md on a Debian 12 machine"

install_tools() {
  local missing=()
  command -v python3 > /dev/null || missing+=(python3)
  python3 -m pip --version > /dev/null 2>&1 || missing+=(python3-pip)
  [ ${#missing[@]} = 0 ] && return
  echo "installing ${missing[*]} to fetch the two Python packages"
  as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
    fail "${missing[*]} cannot be installed" "install them as root, then run this again"
}

# A marker is written last, so that an interrupted unpacking is done again.
fetch_package() {
  local marker="$cache/.fetched-$1"
  [ -e "$marker" ] && return
  echo "fetching $1"
  rm -rf "$cache/download" && mkdir -p "$cache/download" "$cache/root"
  (cd "$cache/download" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$1") ||
    fail "$1 cannot be fetched" "check the network, run 'apt-get update' as root, then run this again"
  dpkg -x "$cache/download"/*.deb "$cache/root"
  rm -rf "$cache/download"
  touch "$marker"
}

fetch_wheel() {
  local marker="$cache/.fetched-$1"
  [ -e "$marker" ] && return
  echo "fetching $1"
  rm -rf "$cache/download" && mkdir -p "$cache/download" "$cache/wheels"
  # The files are the same for every Python; one is named so that the local one does not matter.
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: \
    --python-version 3.11 --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 \
    -d "$cache/download" "$1" ||
    fail "$1 cannot be fetched" "check the network, then run this again"
  python3 -m zipfile -e "$cache/download"/*.whl "$cache/wheels"
  rm -rf "$cache/download"
  touch "$marker"
}

mkdir -p "$cache"
install_tools
# A fresh machine has no lists yet.
if ! apt-cache show "${packages[0]}" > /dev/null 2>&1; then
  as_root apt-get update -qq || fail "the package lists are empty" "run 'apt-get update' as root"
fi
for package in "${packages[@]}"; do fetch_package "$package"; done
for wheel in "${wheels[@]}"; do fetch_wheel "$wheel"; done
"$dcpt_data" photos --root "$cache/root" --wheels "$cache/wheels" --out datasets/photos --set "$which_set"
