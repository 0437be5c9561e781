"""check_import.py DCPT_DATA FOLDER: what others write, imported by dcpt-data; what it exports, read by others."""

import io
import json
import os
import subprocess
import sys
import tarfile

import datasets
import lmdb
import numpy as np
import webdataset
from PIL import Image

PROGRAM, FOLDER = sys.argv[1:3]
CLASSES = ["haze", "rain-streak", "snow"]


def require(condition, what):
    if not condition:
        sys.exit(f"interop: {what}")


def call(*arguments, status=0):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    require(done.returncode == status, f"{' '.join(arguments)} ends with {done.returncode}: {done.stderr}")
    return done


def encoded(array, form):
    buffer = io.BytesIO()
    if form == "npy":
        np.save(buffer, array)
    else:
        Image.fromarray(array).save(buffer, {"jpg": "jpeg"}.get(form, form), **({"lossless": True} if form == "webp" else {}))
    return buffer.getvalue()


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def pictures(count, seed):
    """Pairs of many sizes: smooth enough for JPEG, noisy enough to notice a wrong byte."""
    random = np.random.default_rng(seed)
    pairs = []
    for i in range(count):
        height, width = 20 + 7 * (i % 5), 24 + 5 * (i % 7)
        gt = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        pairs.append((np.clip(gt.astype(int) * 3 // 4 + 20, 0, 255).astype(np.uint8), gt))
    return pairs


def records(name):
    """The records of an imported set, by the key of their source."""
    folder = os.path.join(FOLDER, name)
    call("verify", folder + "/manifest.json")
    found = {}
    for shard in sorted(os.listdir(folder)):
        if shard.endswith(".tar"):
            for sample in webdataset.WebDataset([os.path.join(folder, shard)], shardshuffle=False).decode():
                found[sample["json"]["source"]["lq"]["id"]] = sample
    return found


def require_pairs(name, expected):
    found = records(name)
    require(set(found) == set(expected), f"{name}: {sorted(found)[:3]} instead of {sorted(expected)[:3]}")
    for key, (lq, gt, label) in expected.items():
        sample = found[key]
        require(np.array_equal(sample["lq.npy"], lq), f"{name}: other pixels of lq in {key}")
        require(np.array_equal(sample["gt.npy"], gt), f"{name}: other pixels of gt in {key}")
        require(sample["json"]["class"] == label, f"{name}: class {sample['json']['class']} of {key}, not {label}")


def from_lmdb():
    """BasicSR's form, with many pictures and a tree of several levels, some pictures replaced."""
    pairs = pictures(400, 1)
    keys = [f"{i // 10:04d}_s{i % 10:03d}" for i in range(len(pairs))]
    for place, name in [(0, "lq"), (1, "gt")]:
        folder = os.path.join(FOLDER, f"theirs/{name}.lmdb")
        environment = lmdb.open(folder, map_size=1 << 26)
        for start in range(0, len(keys), 64):
            with environment.begin(write=True) as transaction:
                for key, pair in list(zip(keys, pairs))[start:start + 64]:
                    transaction.put(key.encode("ascii"), b"in vain" * 700)
        with open(os.path.join(folder, "meta_info.txt"), "w") as lines:
            for start in range(0, len(keys), 100):
                with environment.begin(write=True) as transaction:
                    for key, pair in list(zip(keys, pairs))[start:start + 100]:
                        transaction.put(key.encode("ascii"), encoded(pair[place], "png"))
                        lines.write(f"{key}.png ({','.join(map(str, pair[place].shape))}) 1\n")
        environment.close()
    theirs = os.path.join(FOLDER, "theirs")
    call("import", "--lq", theirs + "/lq.lmdb", "--gt", theirs + "/gt.lmdb", "--class", "haze", "--out", FOLDER + "/from-lmdb")
    require_pairs("from-lmdb", {"lq/" + key: (*pair, "haze") for key, pair in zip(keys, pairs)})


def from_webdataset():
    """Shards of webdataset's ShardWriter in every form of picture, with class numbers."""
    pairs = pictures(30, 2)
    folder = os.path.join(FOLDER, "theirs/wds")
    os.makedirs(folder)
    expected = {}
    with webdataset.ShardWriter(folder + "/train-%04d.tar", maxcount=8, verbose=0) as sink:
        for i, (lq, gt) in enumerate(pairs):
            form = ["png", "npy", "webp", "jpg"][i % 4]
            data = encoded(lq, form)
            sink.write({"__key__": f"{i:05d}", f"lq.{form}": data, "gt.png": encoded(gt, "png"), "cls": i % 3})
            name = f"train-{i // 8:04d}.tar/{i:05d}.lq.{form}"
            expected[name] = (decoded(data) if form == "jpg" else lq, gt, CLASSES[i % 3])
    call(
        "import", "--tars", folder + "/train-*.tar", "--lq-field", "lq.png;lq.npy;lq.webp;lq.jpg", "--gt-field", "gt.png",
        "--class-field", "cls", "--classes", ",".join(CLASSES), "--out", FOLDER + "/from-wds")
    require_pairs("from-wds", expected)


def from_datasets():
    """Tars as Hugging Face's documentation lays them out, whose reader must find the same in them."""
    pairs = pictures(12, 3)
    path = os.path.join(FOLDER, "theirs/hf.tar")
    expected = {}
    with tarfile.open(path, "w") as tar:
        for i, (lq, gt) in enumerate(pairs):
            note = json.dumps({"kind": CLASSES[i % 3], "caption": "a picture"}).encode()
            members = {"input.png": encoded(lq, "png"), "target.png": encoded(gt, "png"), "json": note}
            # The last has no target: it has to be listed.
            for field in list(members)[:: 2 if i == 11 else 1]:
                info = tarfile.TarInfo(f"images/{i:03d}.{field}")
                info.size = len(members[field])
                tar.addfile(info, io.BytesIO(members[field]))
            if i < 11:
                expected[f"hf.tar/images/{i:03d}.input.png"] = (lq, gt, CLASSES[i % 3])
    datasets.disable_progress_bars()
    stream = datasets.load_dataset("webdataset", data_files={"train": [path]}, split="train", streaming=True)
    for sample, (lq, gt) in zip(stream, pairs[:11]):
        require(np.array_equal(np.asarray(sample["input.png"]), lq), f"datasets: other pixels in {sample['__key__']}")
    done = call(
        "import", "--tars", path, "--lq-field", "input.png", "--gt-field", "target.png", "--class-field", "json:kind",
        "--out", FOLDER + "/from-hf")
    require("set aside: hf.tar/images/011 has no field target.png; it has input.png, json" in done.stdout, done.stdout)
    require_pairs("from-hf", expected)


def exported():
    """Folders as BasicSR's PairedImageDataset walks them: by the first word of each line of meta_info.txt."""
    out = os.path.join(FOLDER, "exported")
    call("export", os.path.join(FOLDER, "set/manifest.json"), "--out", out)
    ours = {}
    for shard in sorted(os.listdir(os.path.join(FOLDER, "set"))):
        if shard.endswith(".tar"):
            path = os.path.join(FOLDER, "set", shard)
            ours.update({s["__key__"]: s for s in webdataset.WebDataset([path], shardshuffle=False).decode()})
    with open(out + "/meta_info.txt") as lines:
        names = [line.strip().split(" ") for line in lines]
    with open(out + "/labels.jsonl") as lines:
        labels = [json.loads(line) for line in lines]
    require(len(names) == len(labels) == len(ours), f"export: {len(names)} names of {len(ours)} records")
    for (name, shape), label in zip(names, labels):
        sample = ours[os.path.splitext(name)[0]]
        require(label == sample["json"], f"export: another label of {name}")
        for side in ["lq", "gt"]:
            picture = np.asarray(Image.open(os.path.join(out, side, name)))
            require(np.array_equal(picture, sample[side + ".npy"]), f"export: other pixels of {side}/{name}")
            require(shape == "({},{},{})".format(*picture.shape), f"export: {shape} of {name}")
    return len(names)


def main():
    os.makedirs(os.path.join(FOLDER, "theirs"), exist_ok=True)
    from_lmdb()
    from_webdataset()
    from_datasets()
    print(f"imported the same: LMDB as BasicSR writes it, webdataset's shards, Hugging Face's; {exported()} pairs exported and read")


main()
