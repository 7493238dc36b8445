#!/usr/bin/env python3
"""Writes priors.inc: derive_priors.py leaderboard_priors.csv.gz > priors.inc

A prior is the mean of the six benchmarks, each rescaled so that guessing is 0 and perfect is 1,
then laid on 0..1 by 0.2 + 1.2 x. That line follows what models of known score got right of
everyday tasks (grade-school arithmetic, short answers, multiple choice): 0.24 -> about 0.5.
"""
import collections
import csv
import gzip
import re
import statistics
import sys

GUESSING = {"ifeval": 0, "bbh": 0.29, "math": 0, "gpqa": 0.25, "musr": 0.33, "mmlu_pro": 0.1}

# Family as fleet/naming.cpp writes it, and the makers' own names for it, most special first.
# Only names that begin so: not the thousands of merges and fine-tunes of others.
FAMILIES = [
    ("codellama", r"meta-llama/codellama|codellama/codellama"),
    ("llama3.3", r"meta-llama/(meta-)?llama-3\.3"),
    ("llama3.2", r"meta-llama/(meta-)?llama-3\.2"),
    ("llama3.1", r"meta-llama/(meta-)?llama-3\.1"),
    ("llama3", r"meta-llama/(meta-)?llama-3-"),
    ("llama2", r"meta-llama/llama-2"),
    ("llama", r"huggyllama/llama-"),
    ("tinyllama", r"tinyllama/tinyllama"),
    ("gemma3", r"google/gemma-3-"),
    ("gemma2", r"google/gemma-2-(2b|9b|27b)"),
    ("gemma1.1", r"google/gemma-1\.1"),
    ("gemma", r"google/gemma-(2b|7b)"),
    ("qwen3", r"qwen/qwen3"),
    ("qwen2.5-coder", r"qwen/qwen2\.5-coder"),
    ("qwen2.5-math", r"qwen/qwen2\.5-math"),
    ("qwen2.5", r"qwen/qwen2\.5-\d"),
    ("qwq", r"qwen/qwq"),
    ("qwen2", r"qwen/qwen2-\d"),
    ("qwen", r"qwen/qwen1\.5-\d"),
    ("mistral-nemo", r"mistralai/mistral-nemo"),
    ("mistral-small", r"mistralai/mistral-small"),
    ("mistral-large", r"mistralai/mistral-large"),
    ("mistral", r"mistralai/mistral-7b"),
    ("ministral", r"mistralai/ministral"),
    ("codestral", r"mistralai/codestral"),
    ("mixtral", r"mistralai/mixtral"),
    ("phi4", r"microsoft/phi-4"),
    ("phi3.5", r"microsoft/phi-3\.5-m"),
    ("phi3", r"microsoft/phi-3-m"),
    ("phi2", r"microsoft/phi-2"),
    ("smollm2", r"huggingfacetb/smollm2"),
    ("smollm", r"huggingfacetb/smollm-"),
    ("yi1.5", r"01-ai/yi-1\.5"),
    ("yi-coder", r"01-ai/yi-coder"),
    ("yi", r"01-ai/yi-\d+b"),
    ("falcon3", r"tiiuae/falcon3-\d"),
    ("falcon", r"tiiuae/falcon-\d"),
    ("deepseek-r1-distill-qwen", r"deepseek-ai/deepseek-r1-distill-qwen"),
    ("deepseek-r1-distill-llama", r"deepseek-ai/deepseek-r1-distill-llama"),
    ("deepseek-llm", r"deepseek-ai/deepseek-llm"),
    ("solar", r"upstage/solar"),
    ("granite3.1", r"ibm-granite/granite-3\.1"),
    ("granite3.0", r"ibm-granite/granite-3\.0"),
    ("stablelm-zephyr", r"stabilityai/stablelm-zephyr"),
    ("zephyr", r"huggingfaceh4/zephyr-7b-(alpha|beta)"),
    ("openchat", r"openchat/openchat[-_]3"),
    ("openhermes2.5-mistral", r"teknium/openhermes-2\.5-mistral"),
    ("hermes3-llama3.1", r"nousresearch/hermes-3-llama-3\.1"),
    ("hermes3-llama3.2", r"nousresearch/hermes-3-llama-3\.2"),
    ("command-r", r"cohereforai/c4ai-command-r-v01"),
    ("command-r-plus", r"cohereforai/c4ai-command-r-plus"),
    ("command-r7b", r"cohereforai/c4ai-command-r7b"),
    ("aya-expanse", r"cohereforai/aya-expanse"),
    ("internlm2.5", r"internlm/internlm2_5"),
    ("internlm2", r"internlm/internlm2-"),
    ("exaone3.5", r"lgai-exaone/exaone-3\.5"),
    ("olmo2", r"allenai/olmo-2"),
    ("olmo", r"allenai/olmo-\d"),
    ("nemotron-mini", r"nvidia/nemotron-mini"),
    ("vicuna", r"lmsys/vicuna"),
]
SIZE_STEPS = [0.14, 0.36, 0.5, 1.1, 1.7, 2.6, 3.5, 7.5, 9, 13, 22, 34, 70]


def prior(row):
    scores = [max(0.0, (float(row[k]) - g) / (1 - g)) for k, g in GUESSING.items()]
    return min(0.95, 0.2 + 1.2 * statistics.mean(scores))


def family(row):
    name = row["name"].lower()
    return next((f for f, pattern in FAMILIES if re.match(pattern, name)), None)



def main():
    rows = [r for r in csv.DictReader(gzip.open(sys.argv[1], "rt")) if float(r["params_b"]) > 0.05]
    # Evaluated several times, without its chat template too: the better run is the model's own.
    best = {}
    for row in rows:
        if row["name"] not in best or prior(row) > prior(best[row["name"]]):
            best[row["name"]] = row
    rows = list(best.values())
    groups = collections.defaultdict(list)
    for row in rows:
        if family(row):
            groups[family(row)].append(row)
    lines = []
    for name, _ in FAMILIES:
        # A family's members by size, those within 20 % together.
        sizes = []
        for row in sorted(groups[name], key=lambda r: float(r["params_b"])):
            size = float(row["params_b"])
            if sizes and size <= sizes[-1][0] * 1.2:
                sizes[-1][1].append(row)
            else:
                sizes.append((size, [row]))
        for _, members in sizes:
            # What people run is the tuned one, where there is one.
            tuned = [r for r in members if r["type"] == "chatmodels"] or members
            size = statistics.median(float(r["params_b"]) for r in members)
            lines.append((name, size, statistics.median(map(prior, tuned)), len(tuned)))
    for low, high in zip([0.05] + SIZE_STEPS, SIZE_STEPS + [200]):
        middle = (low * high) ** 0.5
        near = [r for r in rows if low <= float(r["params_b"]) < high and r["official"] == "True"
                and r["type"] in ("chatmodels", "pretrained")]
        if len(near) >= 3:
            lines.append(("", middle, statistics.median(map(prior, near)), len(near)))
    print("""\
// Priors by family and size. Written by derive_priors.py; change that, not this.
//
// Derived from Open LLM Leaderboard data (Hugging Face, archived 2025): medians of the published
// scores (IFEval, BBH, MATH, GPQA, MuSR, MMLU-Pro) of the makers' own models, rescaled; no row of
// the source is copied. The copy it was derived from names no licence beyond its source.
//
// {family as in a model's id, billions of parameters, prior 0..1}; an empty family: any model.""")
    for name, size, value, count in lines:
        print(f'{{"{name}", {size:.3g}, {value:.2f}}},')
    print(f"{len(lines)} rows", file=sys.stderr)


main()
