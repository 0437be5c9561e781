#!/bin/sh
# check_view.sh DCPT_DATA FOLDER: opens the page of FOLDER/set in headless Chromium and looks at what it built.
set -eu
data=$1
work=$2
if ! command -v chromium >/dev/null; then
  echo "installing chromium"
  if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null
fi
$data view "$work/set/manifest.json" --out "$work/set.html" --per-class 3 2>/dev/null
timeout 900 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --virtual-time-budget=5000 --dump-dom \
  "file://$(cd "$work" && pwd)/set.html" >"$work/dom.html" 2>/dev/null
# count WHAT PATTERN EXPECTED
count() {
  found=$(sed 's/<script.*//' "$work/dom.html" | grep -o "$2" | wc -l)
  test "$found" = "$3" || {
    echo "the page has $found $1, not $3" >&2
    exit 1
  }
}
count "samples" '<article' 15
count "pictures" '<img class="\(lq\|gt\)" src="data:image/png;base64,' 30
count "sliders" 'aria-label="how much of lq is shown' 15
count "histograms" '<svg ' 5
count "rows of classes" '<td class="bar">' 5
echo "the page in Chromium: 15 samples, 5 histograms"
