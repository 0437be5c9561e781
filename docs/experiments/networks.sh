#!/bin/sh
# DCPT against scratch for the four compact networks, on 5D from photographs (docs/results.md).
#
#   docs/experiments/networks.sh OUT [JOBS]
#
# Needs `make photos`. OUT receives the sets, and for each network and seed the runs and a report. JOBS runs go side by
# side, a thread each (default 2). Called again, it goes on where it was stopped.
set -eu
out=${1:?is missing: docs/experiments/networks.sh OUT [JOBS]} jobs=${2:-2}
data=${DCPT_DATA:-.build/release/dcpt-data} train=${DCPT_TRAIN:-.build/release/dcpt-train}
sets="$out/data/train/manifest.json"

arm() { # dcpt|scratch NETWORK SEED PRETRAIN_ITERATIONS FINETUNE_ITERATIONS
  folder=$out/$2-$3
  options="--data $sets --seed $3 --threads 1 --resume"
  start=--from-scratch
  if [ "$1" = dcpt ]; then
    $train pretrain "manifests/$2-pretrain.yaml" $options --total-iter "$4" --out "$folder/pretrain"
    start="--from $folder/pretrain"
  fi
  $train finetune "manifests/$2-finetune.yaml" $options --total-iter "$5" $start --out "$folder/$1"
}

if [ "${3:-}" = arm ]; then
  shift 3
  arm "$@"
  exit
fi

$data synth manifests/5d.yaml --clean datasets/photos --count 4000 --out "$out/data/train"
$data synth manifests/5d-test.yaml --clean datasets/photos --split test --size 128 \
  --out "$out/data/test"

# Network, seed, iterations of pre-training and of fine-tuning: 3 to 8 minutes a run on one thread.
cases='nafnet 1 4000 10000
nafnet 2 4000 10000
nafnet 3 4000 10000
swinir 1 1000 1500
restormer 1 1000 1500
promptir 1 1000 1500'
echo "$cases" | while read -r case; do
  echo "dcpt $case"
  echo "scratch $case"
done | xargs -P "$jobs" -L 1 "$0" "$out" "$jobs" arm

# The first 300 records: twelve photographs, each with every degradation at every severity.
echo "$cases" | while read -r network seed _; do
  folder=$out/$network-$seed
  $train evaluate --data "$out/data/test/manifest.json" --limit 300 --pretrained "pretrain=$folder/pretrain" \
    --weights "scratch=$folder/scratch" --weights "dcpt=$folder/dcpt" --out "$folder/report" </dev/null
done
