#include "wire/worker_protocol.h"

#include <array>
#include <cmath>
#include <utility>

#include "wire/json.h"
#include "wire/worker_odds.h"

namespace kai::wire {

namespace {

constexpr Range context_range{1, 1 << 20};
constexpr Range sequence_range{1, 64};
constexpr Range layer_range{0, 1000};
constexpr Range thread_range{1, 1024};
constexpr Range positive_bytes{0};
constexpr std::size_t embed_texts_max = 256;
constexpr std::size_t embed_bytes_max = 64 * 1024;  // of one text
constexpr std::size_t dimensions_max = 1 << 16;

json::object of(const Frame& frame) {
  return {{"prefix", frame.prefix}, {"suffix", frame.suffix}};
}

Frame frame_in(Fields fields) {
  return {fields.text("prefix"), fields.text("suffix")};
}

// The wire keeps microseconds and takes 0 for "no limit": a shorter one must not become none.
double limit_ms(Duration limit) {
  if (limit <= Duration::zero()) return 0;
  return to_ms(std::max<Duration>(limit, std::chrono::microseconds(1)));
}

json::array of(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object of(const Footprint& footprint) {
  return {{"weights_bytes", footprint.weights.count},
          {"kv_bytes_per_token", footprint.kv_per_token.count},
          {"buffer_bytes", footprint.buffers.count}};
}

Footprint footprint_in(Fields& fields) {
  return {Bytes(fields.integer("weights_bytes", positive_bytes)),
          Bytes(fields.integer("kv_bytes_per_token", positive_bytes)),
          Bytes(fields.integer("buffer_bytes", positive_bytes))};
}

ChatTemplate chat_in(Fields fields) {
  ChatTemplate chat;
  chat.family = fields.text("family");
  chat.preamble = fields.text("preamble");
  chat.system = frame_in(fields.object("system"));
  chat.user = frame_in(fields.object("user"));
  chat.assistant = frame_in(fields.object("assistant"));
  chat.stop = fields.texts("stop");
  return chat;
}

Sampling sampling_in(Fields fields) {
  Sampling sampling;
  sampling.temperature = fields.number("temperature", 0, 5);
  sampling.top_k = fields.small("top_k", {0, 1 << 20});
  sampling.top_p = fields.number("top_p", 0, 1);
  sampling.min_p = fields.number("min_p", 0, 1);
  sampling.repeat_penalty = fields.number("repeat_penalty", 0.5, 2);
  sampling.seed = fields.unsigned64("seed");
  sampling.form.grammar = fields.text("grammar");
  sampling.stop = fields.texts("stop");
  if (fields.has("top_logprobs")) {
    sampling.top_logprobs = fields.small("top_logprobs", {0, likeliest_max});
  }
  return sampling;
}

std::optional<Role> role_named(std::string_view name) {
  for (const Role role : {Role::system, Role::user, Role::assistant}) {
    if (to_string(role) == name) return role;
  }
  return std::nullopt;
}

std::optional<ErrorCode> code_named(std::string_view name) {
  for (int value = 0; value <= static_cast<int>(ErrorCode::internal); ++value) {
    if (to_string(static_cast<ErrorCode>(value)) == name) return static_cast<ErrorCode>(value);
  }
  return std::nullopt;
}

std::optional<DeviceKind> kind_named(std::string_view name) {
  if (name == to_string(DeviceKind::cpu)) return DeviceKind::cpu;
  if (name == to_string(DeviceKind::gpu)) return DeviceKind::gpu;
  return std::nullopt;
}

// One overload an alternative of WorkerEvent; each object has the one key that names it.
json::object of(const Beat& beat) {
  return {{"beat", beat.counter}};
}
json::object of(const Progress& progress) {
  return {{"progress", progress.done}};
}
json::object of(const Prefill& prefill) {
  return {{"prefill", prefill.done}};
}
json::object of(const Piece& piece) {
  return {{"text", piece.text}};
}
json::object of(const Odds& odds) {
  return {{"odds", encode_odds(odds.token)}};
}
// Six decimals: a cosine keeps five.
json::object of(const Embedding& embedding) {
  json::array numbers;
  for (const float number : embedding.vector) numbers.push_back(std::round(number * 1e6) / 1e6);
  return {{"embedding", std::move(numbers)}};
}
json::object of(const Failed& failed) {
  return {{"error", {{"code", to_string(failed.error.code)}, {"message", failed.error.message}}}};
}
json::object of(const Loaded& loaded) {
  json::object body = of(loaded.footprint);
  body["load_ms"] = to_ms(loaded.load);
  return {{"loaded", std::move(body)}};
}
json::object of(const Done& done) {
  return {{"done",
           {{"ending", to_string(done.ending)},
            {"prompt_tokens", done.usage.prompt.count},
            {"answer_tokens", done.usage.answer.count},
            {"prefill_ms", to_ms(done.prefill)},
            {"decode_ms", to_ms(done.decode)},
            {"logprob_mean",
             done.logprob_mean ? json::value(*done.logprob_mean) : json::value(nullptr)}}}};
}

Done done_in(Fields fields) {
  Done done;
  done.ending = fields.one_of("ending", ending_named);
  done.usage = {Tokens(fields.integer("prompt_tokens", {0})),
                Tokens(fields.integer("answer_tokens", {0}))};
  done.prefill = fields.ms("prefill_ms");
  done.decode = fields.ms("decode_ms");
  if (fields.has("logprob_mean")) done.logprob_mean = fields.number("logprob_mean", -1e9, 0);
  return done;
}

Embedding embedding_in(Fields& fields) {
  Embedding embedding;
  for (const double number : fields.numbers("embedding", -1, 1)) {
    embedding.vector.push_back(static_cast<float>(number));
  }
  const std::size_t size = embedding.vector.size();
  if (size == 0 || size > dimensions_max) fields.reject("embedding", "must hold 1..65536 numbers");
  return embedding;
}

Loaded loaded_in(Fields fields) {
  return {footprint_in(fields), fields.ms("load_ms")};
}

Failed failed_in(Fields fields) {
  return {{fields.one_of("code", code_named), fields.text("message")}};
}

}  // namespace

std::string encode(const LoadRequest& request) {
  return to_line(json::object{
      {"model", request.model.text},
      {"path", request.path},
      {"context", request.context.count},
      {"sequences", request.sequences},
      {"gpu_layers", request.gpu_layers ? json::value(*request.gpu_layers) : nullptr}});
}

std::string encode(const GenerateRequest& request) {
  json::array messages;
  for (const auto& message : request.messages) {
    messages.push_back(json::object{{"role", to_string(message.role)}, {"text", message.text}});
  }
  const Sampling& sampling = request.sampling;
  return to_line(
      json::object{{"model", request.model.text},
                   {"messages", std::move(messages)},
                   {"chat",
                    {{"family", request.chat.family},
                     {"preamble", request.chat.preamble},
                     {"system", of(request.chat.system)},
                     {"user", of(request.chat.user)},
                     {"assistant", of(request.chat.assistant)},
                     {"stop", of(request.chat.stop)}}},
                   {"sampling",
                    {{"temperature", sampling.temperature},
                     {"top_k", sampling.top_k},
                     {"top_p", sampling.top_p},
                     {"min_p", sampling.min_p},
                     {"repeat_penalty", sampling.repeat_penalty},
                     {"seed", std::to_string(sampling.seed)},
                     {"grammar", sampling.form.grammar},
                     {"stop", of(sampling.stop)},
                     {"top_logprobs", sampling.top_logprobs ? json::value(*sampling.top_logprobs)
                                                            : json::value(nullptr)}}},
                   {"answer_max", request.answer_max.count},
                   {"limit_ms", limit_ms(request.limit)}});
}

std::string encode(const EmbedRequest& request) {
  return to_line(json::object{{"model", request.model.text}, {"texts", of(request.texts)}});
}

std::string encode_unload(const ModelId& model) {
  return to_line(json::object{{"model", model.text}});
}

std::string encode_threads(int threads) {
  return to_line(json::object{{"threads", threads}});
}

std::string encode(const WorkerEvent& event) {
  return std::visit([](const auto& what) { return to_line(of(what)); }, event);
}

std::string encode(const Status& status) {
  json::array models;
  for (const auto& model : status.models) {
    json::object entry = of(model.footprint);
    entry["model"] = model.model.text;
    entry["context"] = model.context.count;
    entry["sequences"] = model.sequences;
    entry["active"] = model.active;
    models.push_back(std::move(entry));
  }
  return to_line(json::object{{"counter", status.counter},
                              {"threads", status.threads},
                              {"free_bytes", status.free.count},
                              {"total_bytes", status.total.count},
                              {"models", std::move(models)}});
}

std::string encode(const std::vector<DeviceFacts>& devices) {
  json::array list;
  for (const auto& device : devices) {
    list.push_back(json::object{{"id", device.id},
                                {"kind", to_string(device.kind)},
                                {"name", device.name},
                                {"total_bytes", device.total.count},
                                {"free_bytes", device.free.count},
                                {"bus", device.bus},
                                {"backend", device.backend}});
  }
  return to_line(json::object{{"devices", std::move(list)}});
}

Result<LoadRequest> decode_load(std::string_view json) {
  return decode(json, [](Fields& fields) {
    LoadRequest request{ModelId(fields.text("model")), fields.text("path"),
                        Tokens(fields.integer("context", context_range)),
                        fields.small("sequences", sequence_range)};
    if (fields.has("gpu_layers")) request.gpu_layers = fields.small("gpu_layers", layer_range);
    return request;
  });
}

Result<GenerateRequest> decode_generate(std::string_view json) {
  return decode(json, [](Fields& fields) {
    GenerateRequest request;
    request.model = ModelId(fields.text("model"));
    for (auto& message : fields.objects("messages")) {
      const Role role = message.one_of("role", role_named);
      request.messages.push_back({role, message.text("text")});
    }
    if (request.messages.empty()) fields.reject("messages", "must not be empty");
    request.chat = chat_in(fields.object("chat"));
    request.sampling = sampling_in(fields.object("sampling"));
    request.answer_max = Tokens(fields.integer("answer_max", context_range));
    if (fields.has("limit_ms")) request.limit = fields.ms("limit_ms");
    return request;
  });
}

Result<EmbedRequest> decode_embed(std::string_view json) {
  return decode(json, [](Fields& fields) {
    EmbedRequest request{ModelId(fields.text("model")), fields.texts("texts")};
    const std::size_t count = request.texts.size();
    if (count == 0 || count > embed_texts_max) fields.reject("texts", "must be 1..256 texts");
    for (const std::string& text : request.texts) {
      if (text.size() > embed_bytes_max) fields.reject("texts", "must be of at most 64 KiB each");
    }
    return request;
  });
}

Result<ModelId> decode_unload(std::string_view json) {
  return decode(json, [](Fields& fields) { return ModelId(fields.text("model")); });
}

Result<int> decode_threads(std::string_view json) {
  return decode(json, [](Fields& fields) { return fields.small("threads", thread_range); });
}

Result<WorkerEvent> decode_event(std::string_view line) {
  return decode(line, [](Fields& fields) -> WorkerEvent {
    if (fields.has("text")) return Piece{fields.text("text")};
    if (fields.has("beat")) return Beat{fields.integer("beat")};
    if (fields.has("progress")) return Progress{fields.number("progress", 0, 1)};
    if (fields.has("prefill")) return Prefill{fields.number("prefill", 0, 1)};
    if (fields.has("odds")) return Odds{read_odds(fields.object("odds"))};
    if (fields.has("embedding")) return embedding_in(fields);
    if (fields.has("done")) return done_in(fields.object("done"));
    if (fields.has("loaded")) return loaded_in(fields.object("loaded"));
    if (fields.has("error")) return failed_in(fields.object("error"));
    fields.reject("event", "is of no known kind");
    return Beat{};
  });
}

Result<Status> decode_status(std::string_view json) {
  return decode(json, [](Fields& fields) {
    Status status{fields.integer("counter"), fields.small("threads", {0, 4096}), {}, {}, {}};
    // As it is said: whether it can be true is judged by whoever plans with it.
    status.free = Bytes(fields.integer("free_bytes"));
    status.total = Bytes(fields.integer("total_bytes"));
    for (auto& model : fields.objects("models")) {
      status.models.push_back({ModelId(model.text("model")), footprint_in(model),
                               Tokens(model.integer("context", context_range)),
                               model.small("sequences", sequence_range),
                               model.small("active", {0, 1 << 20})});
    }
    return status;
  });
}

Result<std::vector<DeviceFacts>> decode_devices(std::string_view json) {
  return decode(json, [](Fields& fields) {
    std::vector<DeviceFacts> devices;
    for (auto& device : fields.objects("devices")) {
      const DeviceKind kind = device.one_of("kind", kind_named);
      devices.push_back({device.text("id"), kind, device.text("name"),
                         Bytes(device.integer("total_bytes", positive_bytes)),
                         Bytes(device.integer("free_bytes", positive_bytes)), device.text("bus"),
                         device.text("backend")});
    }
    return devices;
  });
}

}  // namespace kai::wire
