#!/bin/sh
# Our shards read by others, theirs read by us, and the page of a set in a browser without a screen.
# run.sh [--dali]: also NVIDIA DALI's reader on the CPU, whose wheel is of 1 GB.
set -eu
cd "$(dirname "$0")/../.."
work=.build/interop
data=.build/release/dcpt-data
mkdir -p $work
if ! test -x $work/venv/bin/python; then
  python3 -m venv $work/venv || {
    echo "installing python3-venv"
    if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv >/dev/null
    rm -rf $work/venv
    python3 -m venv $work/venv
  }
fi
$work/venv/bin/pip install -q --disable-pip-version-check -r Tests/Interop/requirements.txt
test "${1:-}" != --dali || $work/venv/bin/pip install -q --disable-pip-version-check nvidia-dali-cuda120==2.4.0
rm -rf $work/set $work/png $work/replayed $work/theirs $work/from-* $work/exported
$data synth manifests/5d.yaml --count 40 --size 96 --out $work/set 2>/dev/null
$data index $work/set/manifest.json
$data repack $work/set/manifest.json --form png --out $work/png 2>/dev/null
$data synth --replay $work/set/manifest.json:7 --out $work/replayed
HF_HOME=$work/cache $work/venv/bin/python Tests/Interop/check_shards.py $data $work "$@"
HF_HOME=$work/cache $work/venv/bin/python Tests/Interop/check_import.py $data $work
Tests/Interop/check_view.sh $data $work
# PyTorch comes first, so that nothing that needs one pulls another.
torch=$work/torch
pip="$torch/bin/pip install -q --disable-pip-version-check"
if ! test -x $torch/bin/python; then
  python3 -m venv $torch
  if $pip torch==2.13.0+cpu 2>/dev/null; then
    $pip -r Tests/Interop/torch-requirements.txt
  else
    echo "no wheel of PyTorch for this machine: Debian's python3-torch"
    if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-torch >/dev/null
    rm -rf $torch
    /usr/bin/python3 -m venv --system-site-packages $torch
    # It is built for the numpy before 2.
    $pip 'numpy<2' 'onnxruntime<1.20' 'pillow<12' 'pyyaml<7' safetensors
  fi
fi
# An environment from before the loss curves lacks it.
$torch/bin/python -c "import yaml" 2>/dev/null || $pip 'pyyaml<7'
$torch/bin/python Tests/Interop/check_torch.py .build/release/dcpt-train $work/weights
