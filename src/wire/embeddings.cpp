#include "wire/embeddings.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "wire/chat_parts.h"
#include "wire/json.h"
#include "wire/repeated_key.h"

namespace kai::wire {

namespace {

constexpr std::string_view unsupported = "is not supported by kai; leave it out";
constexpr std::size_t texts_max = 256;  // as many as a worker takes
constexpr std::size_t text_bytes_max = 64 * 1024;
constexpr Range dimension_range{1, 65'536};

void read_common(Fields& fields, EmbeddingRequest& request) {
  request.model = fields.text("model");
  request.texts =
      fields.is_text("input") ? std::vector{fields.text("input")} : fields.texts("input");
  if (request.texts.empty() || request.texts.size() > texts_max) {
    fields.reject("input", fmt::format("must be 1 to {} texts", texts_max));
  }
  for (const auto& text : request.texts) {
    if (text.empty() || text.size() > text_bytes_max) {
      fields.reject("input", fmt::format("must hold texts of 1 to {} bytes", text_bytes_max));
    }
  }
  if (fields.has("dimensions")) request.dimensions = fields.small("dimensions", dimension_range);
}

// RFC 4648, of the floats' bytes, the least significant first.
std::string base64_of(const std::vector<float>& vector) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint32_t> bytes;
  for (const float number : vector) {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(bits >> shift & 0xFF);
  }
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = bytes.size() - at;
    const std::uint32_t group =
        bytes[at] << 16 | (left > 1 ? bytes[at + 1] << 8 : 0) | (left > 2 ? bytes[at + 2] : 0);
    for (std::size_t place = 0; place < 4; ++place) {
      text += place <= left ? letters[group >> (18 - 6 * place) & 63] : '=';
    }
  }
  return text;
}

json::array numbers_of(const std::vector<float>& vector) {
  // Six decimals, as the worker gives them.
  json::array numbers;
  for (const float number : vector) numbers.push_back(std::round(number * 1e6) / 1e6);
  return numbers;
}

}  // namespace

Result<EmbeddingRequest> decode_openai_embeddings(std::string_view body) {
  return decode_request(body, [](Fields& fields) {
    refuse_others(fields, {"model", "input", "encoding_format", "dimensions", "user"}, unsupported);
    EmbeddingRequest request;
    read_common(fields, request);
    if (fields.has("encoding_format")) {
      const std::string format = fields.text("encoding_format");
      request.base64 = format == "base64";
      if (format != "base64" && format != "float") {
        fields.reject("encoding_format", "must be float or base64");
      }
    }
    return request;
  });
}

Result<EmbeddingRequest> decode_ollama_embed(std::string_view body) {
  return decode_request(body, [](Fields& fields) {
    refuse_others(fields, {"model", "input", "truncate", "options", "keep_alive", "dimensions"},
                  unsupported);
    EmbeddingRequest request;
    read_common(fields, request);
    if (fields.has("truncate") && !fields.flag("truncate")) {
      fields.reject("truncate", "must be true: of a text too long the beginning is read");
    }
    // A model for embeddings leaves by kai's own rules.
    if (read_keep_alive(fields) == Duration::zero()) {
      fields.reject("keep_alive",
                    "must not be 0 here; leave it out, and the model leaves after "
                    "fleet.idle_unload, and where its room is needed");
    }
    if (fields.has("options") && !fields.object("options").names().empty()) {
      fields.reject("options", unsupported);
    }
    return request;
  });
}

Result<Embedded> shortened(Embedded embedded, std::optional<int> dimensions) {
  if (!dimensions) return embedded;
  const auto size = static_cast<std::size_t>(*dimensions);
  for (auto& vector : embedded.vectors) {
    if (vector.size() < size) {
      return fail(ErrorCode::invalid_request,
                  fmt::format("field \"dimensions\" must be at most {}, which this model has",
                              vector.size()));
    }
    vector.resize(size);
    double squares = 0;
    for (const float number : vector) squares += double{number} * number;
    if (squares <= 0) continue;
    for (float& number : vector) number = static_cast<float>(number / std::sqrt(squares));
  }
  return embedded;
}

std::string encode_openai_embeddings(const EmbeddingRequest& request, const Embedded& embedded) {
  json::array list;
  for (const auto& vector : embedded.vectors) {
    json::value said = request.base64 ? json::value(json::string(base64_of(vector)))
                                      : json::value(numbers_of(vector));
    list.push_back(json::object{
        {"object", "embedding"}, {"index", list.size()}, {"embedding", std::move(said)}});
  }
  const auto tokens = embedded.read.count;
  return to_line(json::object{{"object", "list"},
                              {"data", std::move(list)},
                              {"model", request.model},
                              {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}});
}

std::string encode_ollama_embed(const EmbeddingRequest& request, const Embedded& embedded,
                                Duration total) {
  json::array list;
  for (const auto& vector : embedded.vectors) list.push_back(numbers_of(vector));
  return to_line(json::object{{"model", request.model},
                              {"embeddings", std::move(list)},
                              {"total_duration", total.count()},
                              {"load_duration", embedded.load.count()},
                              {"prompt_eval_count", embedded.read.count}});
}

}  // namespace kai::wire
