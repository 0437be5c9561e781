"""loss_curves.py DCPT_DATA DCPT_TRAIN FOLDER ITERATIONS: runs of dcpt-train and of PyTorch, loss by loss.

Fine-tuning by recipes of manifests/, from the same start values, on the same batches.
Beside the recipe this differs: the iterations, over which its schedule goes too; patches of 32x32, neither flipped nor
turned; and the classifier, which has no effect on the network, learns once. FOLDER/RECIPE/curves.tsv holds the curves.
A curve that leaves the bands passes only if PyTorch's own does when its start values change in their last bit.
"""

import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import tarfile

import numpy as np
import torch
import yaml
from torch.nn import functional as F

import networks
import order

DATA, TRAIN, FOLDER = sys.argv[1:4]
ITERATIONS, FIRST = int(sys.argv[4]), 20
RECORDS, SIDE = 80, 32

# The largest relative difference of a loss that is let pass, in the first iterations and in all.
BANDS = (1e-5, 1e-3)
RECIPES = ["nafnet-finetune", "swinir-finetune", "restormer-finetune", "promptir-finetune"]


def require(condition, what):
    if not condition:
        sys.exit(f"loss curves: {what}")


def run(*arguments):
    result = subprocess.run(arguments, capture_output=True, text=True)
    require(result.returncode == 0, f"{' '.join(arguments)}: {result.stderr}")


def synthesised(folder):
    """The pairs of a new set: lq and gt as [n, 3, h, w] in 0...1."""
    run(DATA, "synth", "manifests/5d.yaml", "--count", str(RECORDS), "--size", str(SIDE), "--out", folder)
    members = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".tar"):
            with tarfile.open(os.path.join(folder, name)) as tar:
                members.update({member.name: tar.extractfile(member).read() for member in tar})
    keys = sorted({name.split(".")[0] for name in members})
    require(len(keys) == RECORDS, f"{folder} has {len(keys)} records")

    def pictures(field):
        codes = np.stack([np.load(io.BytesIO(members[f"{key}.{field}.npy"])) for key in keys])
        return torch.from_numpy(codes).permute(0, 3, 1, 2).float() / 255

    return pictures("lq"), pictures("gt")


def compared_recipe(name):
    """The recipe of manifests/ with what makes it comparable."""
    with open(f"manifests/{name}.yaml") as file:
        recipe = yaml.safe_load(file)
    recipe["datasets"]["train"].update(gt_size=SIDE, use_hflip=False, use_rot=False)
    recipe["train"].update(total_iter=ITERATIONS, classify_freq=ITERATIONS, ema_decay=0)
    recipe["logger"] = {"print_freq": 1, "save_checkpoint_freq": ITERATIONS}
    return recipe


def trained(recipe, manifest, folder, *options):
    """Runs dcpt-train; what its log says of each iteration."""
    os.makedirs(folder)
    path = os.path.join(folder, "compared.yaml")
    with open(path, "w") as file:
        yaml.safe_dump(recipe, file)
    run(TRAIN, "finetune", path, "--data", manifest, "--out", folder, *options)
    with open(os.path.join(folder, "log.jsonl")) as file:
        return [line for line in map(json.loads, file) if line["group"] == "train"]


def start(recipe, manifest, folder):
    """A file with the network's start values: an iteration at rate 0 changes none."""
    trained(recipe, manifest, folder, "--from-scratch", "--total-iter", "1", "--lr", "0")
    return os.path.join(folder, "weights.safetensors")


def theirs(recipe, network, lq, gt):
    """What ours gives, from PyTorch."""
    train, data = recipe["train"], recipe["datasets"]["train"]
    options, lines = train["optim_g"], []
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=options["lr"], betas=options["betas"], weight_decay=options["weight_decay"])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, ITERATIONS, eta_min=train["scheduler"]["eta_min"])
    batches = order.batches(RECORDS, data["batch_size"], recipe["manual_seed"])
    for records in itertools.islice(batches, ITERATIONS):
        loss = F.l1_loss(network(lq[records]), gt[records])
        lines.append({"l_pix": loss.item(), "lr": schedule.get_last_lr()[0]})
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return lines


def largest_differences(mine, other, name):
    """The largest relative difference of a value in the first iterations, and in all."""
    differences = [abs(a[name] - b[name]) / b[name] for a, b in zip(mine, other, strict=True)]
    return max(differences[:FIRST]), max(differences)


def write_curves(path, mine, other):
    with open(path, "w") as file:
        print("iteration", "dcpt", "PyTorch", sep="\t", file=file)
        for i, (a, b) in enumerate(zip(mine, other, strict=True)):
            print(i + 1, a["l_pix"], b["l_pix"], sep="\t", file=file)


def sensitivity(recipe, weights, pairs, other):
    """How far PyTorch gets from itself when its start values change in their last bit: at first, and in all."""
    network = networks.load(weights)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.nextafter(parameter, parameter.sign() * torch.inf))
    found = largest_differences(theirs(recipe, network, *pairs), other, "l_pix")
    own = " and ".join(f"{value:.1e}" for value in found)
    print(f"PyTorch differs from itself by {own} when its start values change in their last bit", flush=True)
    return found


def check(name, pairs, manifest):
    """Prints a row; returns whether the loss keeps within its bands."""
    folder, recipe = os.path.join(FOLDER, name), compared_recipe(name)
    weights = start(recipe, manifest, os.path.join(folder, "start"))
    mine = trained(recipe, manifest, os.path.join(folder, "run"), "--from", weights)
    other = theirs(recipe, networks.load(weights), *pairs)
    write_curves(os.path.join(folder, "curves.tsv"), mine, other)
    found = largest_differences(mine, other, "l_pix")
    ends = " | ".join(f"{line['l_pix']:.5f}" for line in (mine[0], other[0], mine[-1], other[-1]))
    print(f"| {name} | {ends} | {found[0]:.1e} | {found[1]:.1e} |", flush=True)
    rates_agree = largest_differences(mine, other, "lr")[1] < 1e-9
    bands = BANDS
    if any(value >= band for value, band in zip(found, bands, strict=True)):
        own = sensitivity(recipe, weights, pairs, other)
        bands = [max(band, 2 * value) for band, value in zip(bands, own, strict=True)]
    return rates_agree and all(value < band for value, band in zip(found, bands, strict=True))


# Small maps gain little from a second thread, and lose much where other programs want it.
torch.set_num_threads(1)
shutil.rmtree(FOLDER, ignore_errors=True)
place = os.path.join(FOLDER, "set")
pairs = synthesised(place)
print(f"| recipe | first, dcpt | PyTorch | last, dcpt | PyTorch | first {FIRST} differ by | all {ITERATIONS} |")
print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
broken = [name for name in RECIPES if not check(name, pairs, os.path.join(place, "manifest.json"))]
require(not broken, f"out of the bands {BANDS}: {', '.join(broken)}")
