"""Writes files of NAS-Bench-201's layouts with the programs that wrote the real ones.

usage: write.py FOLDER < cells.json

Cells are a JSON list of {"arch": str, "runs": [{"on", "seed", "epochs", "time",
"latency", "accuracy": {set: percent}}]}. Makes, in FOLDER: old.pth and new.pth (the two
forms of torch.save), simple/ (NATS-Bench: a pickle.pbz2 a cell) and one.pickle.pbz2.
"""
import bz2, collections, json, os, pickle, sys

import numpy as np
import torch


def training(arch, run):
    # The dictionary of a ResultsCount: curves by epoch, the evaluations by "set@epoch".
    epochs = run["epochs"]
    accs, losses, times = {}, {}, {}
    for name, value in run["accuracy"].items():
        if name == "train":
            continue
        for e in range(epochs):
            key = "{:}@{:}".format(name, e)
            accs[key] = value if e == epochs - 1 else 10.0 + e / epochs
            losses[key], times[key] = 1.5, 0.25
    train = {e: run["accuracy"].get("train", 50.0) if e == epochs - 1 else 20.0 for e in range(epochs)}
    seconds = None
    if run["time"] is not None:
        seconds = collections.OrderedDict((e, run["time"] / epochs) for e in range(epochs))
    return {
        "name": run["on"], "net_state_dict": None,
        "train_acc1es": train, "train_acc5es": dict(train), "train_losses": {e: 1.0 for e in range(epochs)},
        "train_times": seconds,
        "arch_config": {"channel": 16, "num_cells": 5, "arch_str": arch, "class_num": 10},
        "params": np.float64(0.129306), "flop": 15.64737, "seed": "{:04d}".format(run["seed"]), "epochs": epochs,
        "latency": [np.float64(run["latency"])],
        "eval_names": [n for n in run["accuracy"] if n != "train"],
        "eval_acc1es": accs, "eval_times": times, "eval_losses": losses,
    }


def results(index, cell, epochs):
    runs = [r for r in cell["runs"] if r["epochs"] == epochs]
    seeds = collections.defaultdict(list)
    for r in runs:
        seeds[r["on"]].append(r["seed"])
    return {
        "arch_index": index, "arch_str": cell["arch"],
        "all_results": {(r["on"], r["seed"]): training(cell["arch"], r) for r in runs},
        "dataset_seed": dict(seeds), "clear_net_done": True,
    }


def main():
    folder, cells = sys.argv[1], json.load(sys.stdin)
    infos = collections.OrderedDict()
    for i, cell in enumerate(cells):
        infos[i] = {"full": results(i, cell, 200), "less": results(i, cell, 12)}
    whole = {"meta_archs": [c["arch"] for c in cells], "arch2infos": infos, "evaluated_indexes": set(range(len(cells)))}
    torch.save(whole, os.path.join(folder, "old.pth"), _use_new_zipfile_serialization=False)
    torch.save(whole, os.path.join(folder, "new.pth"))
    simple = os.path.join(folder, "simple")
    os.mkdir(simple)
    meta = {"meta_archs": whole["meta_archs"], "total_archs": len(cells), "arch2infos": None, "evaluated_indexes": set()}
    with bz2.BZ2File(os.path.join(simple, "meta.pickle.pbz2"), "w") as f:
        pickle.dump(meta, f)
    for i in infos:
        with bz2.BZ2File(os.path.join(simple, "{:06d}.pickle.pbz2".format(i)), "w") as f:
            pickle.dump(collections.OrderedDict([("12", infos[i]["less"]), ("200", infos[i]["full"])]), f)
    renamed = {i: {"12": v["less"], "200": v["full"]} for i, v in infos.items()}
    with bz2.BZ2File(os.path.join(folder, "one.pickle.pbz2"), "w") as f:
        pickle.dump(dict(whole, arch2infos=renamed), f)


main()
