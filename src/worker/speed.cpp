#include "worker/speed.h"

#include <fmt/format.h>
#include <ggml-alloc.h>
#include <ggml-cpp.h>
#include <ggml.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

namespace kai {

namespace {

constexpr ggml_type weight_type = GGML_TYPE_Q4_K;  // as most model files have
constexpr std::int64_t columns = 4096;
constexpr std::size_t graph_nodes = 8;
constexpr std::size_t passes_min = 8;
constexpr std::size_t passes_max = 400;
constexpr Duration passes_time = std::chrono::milliseconds(60);
constexpr Bytes weights_min(16'000'000);

// A pass reads one part after the other: it takes about a millisecond, less than a scheduler's
// slice, so that on a busy machine some go undisturbed; and until a part's turn comes again, the
// others have driven it from the caches. A GPU shares nothing, and a short pass would measure how
// long it takes to begin.
constexpr std::int64_t part_bytes = 32'000'000;

// A prompt's part: large enough for a device to be busy, small enough for it to be soon done.
struct Prompt {
  std::int64_t rows;
  std::int64_t tokens;
};
constexpr Prompt cpu_prompt{512, 64};
constexpr Prompt gpu_prompt{8192, 512};

// Matrices on one device and what multiplies them.
class Bench {
 public:
  static Result<Bench> make(const RuntimeDevice& device, std::int64_t rows);

  double read_rate(int threads);     // bytes/s
  double compute_rate(int threads);  // FLOP/s

 private:
  // Seconds of the quickest pass; infinity where the device refuses.
  double quickest(const std::vector<ggml_cgraph*>& graphs, int threads);

  ggml_context_ptr context_;
  ggml_backend_ptr backend_;
  ggml_backend_buffer_ptr buffer_;
  ggml_backend_set_n_threads_t set_threads_ = nullptr;
  std::int64_t part_bytes_ = 0;
  std::int64_t products_ = 0;          // of a pass of reading_
  std::vector<ggml_cgraph*> writing_;  // one a part
  ggml_cgraph* reading_ = nullptr;
};

Result<Bench> Bench::make(const RuntimeDevice& device, std::int64_t rows) {
  const bool cpu = device.facts.kind == DeviceKind::cpu;
  const Prompt prompt = cpu ? cpu_prompt : gpu_prompt;
  const auto row = static_cast<std::int64_t>(ggml_row_size(weight_type, columns));
  const std::int64_t parts = cpu ? std::max<std::int64_t>(1, rows * row / part_bytes) : 1;
  const auto graphs = static_cast<std::size_t>(parts + 1);
  Bench bench;
  bench.context_.reset(ggml_init(
      {graphs * (4 * ggml_tensor_overhead() + ggml_graph_overhead_custom(graph_nodes, false)),
       nullptr, true}));
  bench.backend_.reset(ggml_backend_dev_init(device.handle, nullptr));
  if (!bench.context_ || !bench.backend_) {
    return fail(ErrorCode::internal, fmt::format("llama.cpp cannot open {}", device.facts.id));
  }
  ggml_context* context = bench.context_.get();
  ggml_tensor* weights = ggml_new_tensor_2d(context, weight_type, columns, rows);
  const auto times = [&](std::int64_t first, std::int64_t count, ggml_tensor* vectors) {
    ggml_tensor* part = ggml_view_2d(context, weights, columns, count, weights->nb[1],
                                     static_cast<std::size_t>(first * row));
    ggml_cgraph* graph = ggml_new_graph_custom(context, graph_nodes, false);
    ggml_build_forward_expand(graph, ggml_mul_mat(context, part, vectors));
    return graph;
  };
  ggml_tensor* one = ggml_new_tensor_2d(context, GGML_TYPE_F32, columns, 1);
  const std::int64_t part_rows = rows / parts;
  for (std::int64_t part = 0; part < parts; ++part) {
    bench.writing_.push_back(times(part * part_rows, part_rows, one));
  }
  ggml_tensor* many = ggml_new_tensor_2d(context, GGML_TYPE_F32, columns, prompt.tokens);
  const std::int64_t some_rows = std::min(rows, prompt.rows);
  bench.reading_ = times(0, some_rows, many);
  bench.part_bytes_ = part_rows * row;
  bench.products_ = some_rows * columns * prompt.tokens;
  bench.buffer_.reset(ggml_backend_alloc_ctx_tensors(context, bench.backend_.get()));
  if (!bench.buffer_) return fail(ErrorCode::internal, "there is no memory to measure speed with");
  // Written, so that every page is there: all of an untouched buffer is one page in the cache.
  ggml_backend_buffer_clear(bench.buffer_.get(), 0);
  ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(device.handle);
  bench.set_threads_ = reinterpret_cast<ggml_backend_set_n_threads_t>(
      ggml_backend_reg_get_proc_address(registry, "ggml_backend_set_n_threads"));
  return bench;
}

double Bench::quickest(const std::vector<ggml_cgraph*>& graphs, int threads) {
  if (set_threads_ != nullptr) set_threads_(backend_.get(), threads);
  double best = std::numeric_limits<double>::infinity();
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t pass = 0; pass < passes_max; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    if (pass >= passes_min && start - begin > passes_time) break;
    ggml_cgraph* graph = graphs[pass % graphs.size()];
    if (ggml_backend_graph_compute(backend_.get(), graph) != GGML_STATUS_SUCCESS) break;
    best = std::min(best, seconds(std::chrono::steady_clock::now() - start));
  }
  return best;
}

double Bench::read_rate(int threads) {
  return static_cast<double>(part_bytes_) / quickest(writing_, threads);
}

double Bench::compute_rate(int threads) {
  return 2 * static_cast<double>(products_) / quickest({reading_}, threads);
}

}  // namespace

Result<DeviceSpeed> measure_speed(const RuntimeDevice& device, const SpeedOptions& options) {
  if (options.weights < weights_min || options.weights > device.facts.free) {
    return fail(ErrorCode::internal, "there is too little free memory to measure speed with");
  }
  const auto row = static_cast<std::int64_t>(ggml_row_size(weight_type, columns));
  auto bench = Bench::make(device, options.weights.count / row);
  if (!bench) return std::unexpected(bench.error());
  DeviceSpeed speed;
  speed.lane_read = bench->read_rate(options.lane_threads);
  speed.all_read = options.all_threads > options.lane_threads
                       ? std::max(speed.lane_read, bench->read_rate(options.all_threads))
                       : speed.lane_read;
  speed.lane_flops = bench->compute_rate(options.lane_threads);
  if (speed.lane_read <= 0 || speed.lane_flops <= 0) {
    return fail(ErrorCode::internal, fmt::format("{} cannot multiply", device.facts.id));
  }
  return speed;
}

}  // namespace kai
