"""check_shards.py DCPT_DATA FOLDER [--dali]: FOLDER/set and FOLDER/png read by other programs, theirs by dcpt-data."""

import io
import json
import os
import subprocess
import sys
import tarfile

import numpy as np
import webdataset
from PIL import Image

PROGRAM, FOLDER = sys.argv[1:3]
SET = os.path.join(FOLDER, "set")
PNG = os.path.join(FOLDER, "png")
FIELDS = ["gt.npy", "json", "lq.npy"]


def require(condition, what):
    if not condition:
        sys.exit(f"interop: {what}")


def shards(folder=SET):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".tar"))


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 0xFF] ^ (value >> 8)
    return f"{value ^ 0xFFFFFFFF:08x}"


def table():
    rows = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        rows.append(value)
    return rows


TABLE = table()


def by_tarfile():
    """The records by Python's own tar reader: the reference for the others."""
    records = {}
    for shard in shards():
        with tarfile.open(shard) as tar:
            for member in tar:
                require(member.isreg() and member.mode == 0o444 and member.mtime == 0, f"{member.name} has other metadata")
                key, field = member.name.split(".", 1)
                data = tar.extractfile(member).read()
                decoded = json.loads(data) if field == "json" else np.load(io.BytesIO(data), allow_pickle=False)
                records.setdefault(key, {})[field] = decoded
                if field != "json":
                    records[key].setdefault("crc", {})[field] = crc32c(data)
    for key, record in records.items():
        label = record["json"]
        for field in ["gt.npy", "lq.npy"]:
            require(label["crc32c"][field] == record["crc"][field], f"{key}: CRC-32C of {field}")
            require(record[field].dtype == np.uint8 and record[field].shape == (96, 96, 3), f"{key}: shape of {field}")
    return records


def same(one, other, who):
    require(np.array_equal(one["lq.npy"], np.asarray(other["lq.npy"])), f"{who}: other pixels of lq in {other['__key__']}")
    require(np.array_equal(one["gt.npy"], np.asarray(other["gt.npy"])), f"{who}: other pixels of gt in {other['__key__']}")
    require(one["json"] == other["json"], f"{who}: another label in {other['__key__']}")


def by_webdataset(records):
    seen = 0
    for sample in webdataset.WebDataset(shards(), shardshuffle=False).decode():
        same(records[sample["__key__"]], sample, "webdataset")
        seen += 1
    require(seen == len(records), f"webdataset: {seen} records")


def same_but_checksums(one, other, who):
    one, other = ({key: value for key, value in label.items() if key != "crc32c"} for label in (one, other))
    require(one == other, f"{who}: another label in {one['key']}")


def png_by_tarfile(records):
    """The same set as PNG files: by tarfile with Pillow."""
    seen = 0
    for shard in shards(PNG):
        with tarfile.open(shard) as tar:
            members = [(member.name.split(".", 1), tar.extractfile(member).read()) for member in tar]
        for i in range(0, len(members), 3):
            (key, _), _ = members[i]
            files = {field: data for (other, field), data in members[i : i + 3] if other == key}
            require(list(files) == ["gt.png", "json", "lq.png"], f"{key}: members {list(files)}")
            label = json.loads(files["json"])
            same_but_checksums(records[key]["json"], label, "PNG by tarfile")
            for name in ["gt", "lq"]:
                data = files[name + ".png"]
                require(label["crc32c"][name + ".png"] == crc32c(data), f"{key}: CRC-32C of {name}.png")
                picture = Image.open(io.BytesIO(data))
                require(picture.mode == "RGB" and not picture.info, f"{key}: {name}.png is {picture.mode} with {picture.info}")
                require(np.array_equal(np.asarray(picture), records[key][name + ".npy"]), f"{key}: other pixels in {name}.png")
            seen += 1
    require(seen == len(records), f"PNG by tarfile: {seen} records")


def png_by_webdataset(records):
    seen = 0
    for sample in webdataset.WebDataset(shards(PNG), shardshuffle=False).decode("rgb8"):
        one = records[sample["__key__"]]
        for name in ["gt", "lq"]:
            require(np.array_equal(sample[name + ".png"], one[name + ".npy"]), f"webdataset: other pixels of {name}.png")
        same_but_checksums(one["json"], sample["json"], "webdataset")
        seen += 1
    require(seen == len(records), f"webdataset: {seen} records of PNG files")


def holds(found, label, path=""):
    """Whether a label is there. The library takes its schema from the first records: all labels get the same keys,
    None where they had none, and parameters that only later records have are lost."""
    if found is None and ".parameters." in path:
        return True
    if isinstance(label, dict):
        return all(holds(found.get(key), value, f"{path}.{key}") for key, value in label.items())
    if isinstance(label, list):
        return len(found) == len(label) and all(holds(f, value, path) for f, value in zip(found, label))
    return found == label


def by_datasets(records):
    import datasets

    datasets.disable_progress_bars()
    stream = datasets.load_dataset("webdataset", data_files={"train": shards()}, split="train", streaming=True)
    seen = 0
    for sample in stream:
        same_label = json.loads(sample["json"]) if isinstance(sample["json"], (str, bytes)) else sample["json"]
        arrays = {f: np.asarray(sample[f]) for f in ["gt.npy", "lq.npy"]}
        one = records[sample["__key__"]]
        require(all(np.array_equal(arrays[f], one[f]) for f in arrays), f"datasets: other pixels in {sample['__key__']}")
        require(holds(same_label, one["json"]), f"datasets: another label in {sample['__key__']}")
        seen += 1
    require(seen == len(records), f"datasets: {seen} records")


def by_dali(records):
    import nvidia.dali as dali

    indices = [shard[:-4] + ".idx" for shard in shards()]

    @dali.pipeline_def(batch_size=8, num_threads=2, device_id=None)
    def pipeline():
        return tuple(dali.fn.readers.webdataset(paths=shards(), index_paths=indices, ext=FIELDS, missing_component_behavior="error"))

    pipe = pipeline()
    pipe.build()
    keys, seen = sorted(records), 0
    while seen < len(keys):
        gt, label, lq = pipe.run()
        for i in range(8):
            if seen == len(keys):
                break
            one = records[keys[seen]]
            for field, batch in [("gt.npy", gt), ("lq.npy", lq)]:
                array = np.load(io.BytesIO(np.asarray(batch.at(i)).tobytes()), allow_pickle=False)
                require(np.array_equal(array, one[field]), f"DALI: other pixels of {field} in {keys[seen]}")
            require(json.loads(np.asarray(label.at(i)).tobytes()) == one["json"], f"DALI: another label in {keys[seen]}")
            seen += 1


def replayed(records):
    """The pictures that dcpt-data makes again from a label alone, read by Pillow."""
    files = sorted(os.listdir(os.path.join(FOLDER, "replayed")))
    for name in ["gt", "lq"]:
        file = next(f for f in files if name in f and f.endswith(".png"))
        picture = np.asarray(Image.open(os.path.join(FOLDER, "replayed", file)))
        require(np.array_equal(picture, records["000000007"][name + ".npy"]), f"replay: other pixels of {name}")


def inspected(path):
    output = subprocess.run([PROGRAM, "inspect", path, "--json"], capture_output=True, check=True).stdout
    return json.loads(output)


def png(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "png")
    return buffer.getvalue()


def theirs():
    """Shards by webdataset and by tarfile in its three formats, with long names, read by dcpt-data."""
    folder = os.path.join(FOLDER, "theirs")
    os.makedirs(folder)
    random = np.random.default_rng(1)
    samples = []
    for i in range(20):
        array = random.integers(0, 256, (8 + i, 16, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        np.save(buffer, array)
        samples.append({"lq.npy": buffer.getvalue(), "png": png(array), "cls": str(i % 5).encode(), "json": b'{"i": %d}' % i})
    written = {}
    with webdataset.TarWriter(os.path.join(folder, "webdataset.tar"), encoder=False) as sink:
        for i, sample in enumerate(samples):
            sink.write({"__key__": f"{i:06d}", **sample})
    written["webdataset.tar"] = [f"{i:06d}" for i in range(20)]
    for name, form in [("ustar.tar", tarfile.USTAR_FORMAT), ("gnu.tar", tarfile.GNU_FORMAT), ("pax.tar", tarfile.PAX_FORMAT)]:
        stem = "a-folder/" * (12 if form == tarfile.USTAR_FORMAT else 30)
        written[name] = [f"{stem}{i:06d}" for i in range(20)]
        with tarfile.open(os.path.join(folder, name), "w", format=form) as tar:
            for key, sample in zip(written[name], samples):
                for field, data in sorted(sample.items()):
                    info = tarfile.TarInfo(f"{key}.{field}")
                    info.size = len(data)
                    tar.addfile(info, io.BytesIO(data))
    for name, keys in written.items():
        found = inspected(os.path.join(folder, name))
        require([record["key"] for record in found["records"]] == keys, f"{name}: other keys")
        for record, sample in zip(found["records"], samples):
            expected = {field: (len(data), crc32c(data)) for field, data in sample.items()}
            read = {field: (m["size"], m["crc32c"]) for field, m in record["fields"].items()}
            require(read == expected, f"{name}: other members in {record['key']}")


def main():
    records = by_tarfile()
    require(len(records) == 40, f"tarfile: {len(records)} records")
    by_webdataset(records)
    by_datasets(records)
    png_by_tarfile(records)
    png_by_webdataset(records)
    replayed(records)
    theirs()
    print(f"{len(records)} records the same by tarfile, webdataset and datasets, as PNG by tarfile and webdataset; shards of webdataset and tarfile (ustar, GNU, PAX) read")
    if "--dali" in sys.argv[3:]:
        by_dali(records)
        print(f"{len(records)} records the same by DALI")


main()
