"""check_torch.py DCPT_TRAIN FOLDER: PyTorch's weights in dcpt-train, and back; the ONNX files in onnxruntime."""

import json
import os
import subprocess
import sys

import numpy as np
import onnxruntime
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

import networks

PROGRAM, FOLDER = sys.argv[1:3]

# Small networks of every kind and form, under the keys of recipes.
RESTORMER = {"type": "Restormer", "dim": 8, "num_blocks": [1, 1, 1, 1], "num_refinement_blocks": 1,
             "heads": [1, 2, 2, 4]}
PROMPTIR = {**RESTORMER, "type": "PromptIR", "prompt_len": 3, "prompt_dims": [8, 8, 16],
            "prompt_sizes": [8, 6, 4]}
SWINIR = {"type": "SwinIR", "embed_dim": 16, "depths": [2, 2, 2, 2, 2], "num_heads": [2, 2, 4, 2, 2],
          "window_size": 8}
NAFNET = {"type": "NAFNet", "width": 8, "enc_blk_nums": [1, 2], "middle_blk_num": 1,
          "dec_blk_nums": [1, 1]}
CASES = [
    {**NAFNET, "form": "dcpt"},
    {**NAFNET, "form": "published"},
    {**SWINIR, "form": "dcpt"},
    {**SWINIR, "form": "published", "resi_connection": "3conv"},
    {**RESTORMER, "form": "dcpt", "LayerNorm_type": "BiasFree"},
    {**RESTORMER, "form": "dcpt_origin", "LayerNorm_type": "WithBias", "bias": True},
    {**RESTORMER, "form": "published", "LayerNorm_type": "WithBias", "bias": True},
    {**PROMPTIR, "form": "dcpt", "LayerNorm_type": "WithBias"},
    {**PROMPTIR, "form": "published", "LayerNorm_type": "BiasFree", "bias": True},
]


def require(condition, what):
    if not condition:
        sys.exit(f"interop: {what}")


def run(*arguments):
    result = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    require(result.returncode == 0, f"dcpt-train {' '.join(arguments)}: {result.stderr}")


def recipe(sizes, path):
    """A recipe that says no more than which network it is."""
    with open(path, "w") as file:
        json.dump({
            "name": "interop", "stage": "finetune", "network_g": sizes,
            "datasets": {"train": {"gt_size": 64, "batch_size": 1}}, "train": {"total_iter": 1},
        }, file)
    return path


def random_network(sizes):
    """No value is at its start, so that no part of the network is idle."""
    network = networks.build(sizes).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return network


def padded(network, picture, multiple):
    """As evaluation does it: reflected to a multiple, and cropped."""
    with torch.no_grad():
        restored = network(networks.pad_to(picture, multiple, "reflect"))
    return restored[:, :, : picture.shape[2], : picture.shape[3]]


def picture(height, width):
    return torch.rand(1, 3, height, width)


def check_onnx(path, network, multiple):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0
    for size in [(64, 64), (40, 56), (61, 83)]:
        lq = picture(*size)
        expected = padded(network, lq, multiple)
        found = session.run(None, {"lq": lq.numpy()})[0]
        worst = max(worst, float(np.abs(found - expected.numpy()).max()))
    require(worst < 1e-4, f"{path} differs by {worst} in onnxruntime")
    return worst


def check_restored(weights, network, multiple, folder):
    """A picture restored by dcpt-train: the codes of PyTorch, but for roundings."""
    lq = (picture(61, 83) * 255).round() / 255
    codes = (lq[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    Image.fromarray(codes).save(os.path.join(folder, "lq.png"))
    out = os.path.join(folder, "restored")
    run("restore", "--weights", weights, os.path.join(folder, "lq.png"), "--out", out)
    found = np.asarray(Image.open(os.path.join(out, "lq.png"))).astype(int)
    expected = padded(network, lq, multiple).clamp(0, 1)[0].permute(1, 2, 0).numpy() * 255
    distance = np.abs(found - expected).max()
    require(distance < 0.502, f"{weights} restores other pictures: {distance} codes away")


def check(sizes, folder):
    os.makedirs(folder, exist_ok=True)

    def place(name):
        return os.path.join(folder, name)

    network, average = random_network(sizes), random_network(sizes)
    state, ema = network.state_dict(), average.state_dict()
    torch.save({"params": state, "params_ema": ema}, place("theirs.pth"))
    save_file(dict(ema), place("theirs.safetensors"))
    options = ["--recipe", recipe(sizes, place("recipe.yaml"))]
    for name in ["theirs.pth", "theirs.safetensors"]:
        run("export", place(name), *options, "--safetensors", place("ours.safetensors"),
            "--pth", place("ours.pth"), "--onnx", place("ours.onnx"))
        back = torch.load(place("ours.pth"), weights_only=True)["params"]
        for key, value in load_file(place("ours.safetensors")).items():
            require(torch.equal(value, ema[key]), f"{folder}: {name}: {key} changed")
            require(torch.equal(back[key], ema[key]), f"{folder}: {name}: {key} changed in the .pth")
        require(set(back) == set(networks.load(place("ours.safetensors")).state_dict()),
                f"{folder}: tensors are missing")
    run("export", place("theirs.pth"), "--key", "params", *options,
        "--safetensors", place("first.safetensors"))
    require(torch.equal(load_file(place("first.safetensors"))[next(iter(state))],
                        next(iter(state.values()))), f"{folder}: --key params took other tensors")
    multiple = {"NAFNet": 16}.get(sizes["type"], 8)
    check_restored(place("ours.safetensors"), average, multiple, folder)
    return check_onnx(place("ours.onnx"), average, multiple)


torch.manual_seed(1)
for sizes in CASES:
    name = f"{sizes['type']}-{sizes['form']}"
    worst = check(sizes, os.path.join(FOLDER, name))
    print(f"{name}: weights both ways, pictures equal, ONNX within {worst:.1e}")
