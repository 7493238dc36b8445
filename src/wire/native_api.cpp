#include "wire/native_api.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "wire/chat_parts.h"
#include "wire/document_parts.h"
#include "wire/json.h"
#include "wire/repeated_key.h"

namespace kai::wire::native {

namespace {

constexpr Range deadline_range_ms{100, 86'400'000};
constexpr std::size_t members_max = 12;
constexpr std::size_t answer_bytes_max = 4000;
constexpr std::string_view not_known = "is not known; /openapi.json has all fields";

std::optional<Tier> read_tier(Fields& fields) {
  if (!fields.has("tier") || (fields.is_text("tier") && fields.text("tier") == "auto")) return {};
  return fields.one_of("tier", tier_named);
}

std::vector<ModelId> read_members(Fields& fields) {
  std::vector<ModelId> members;
  if (!fields.has("members")) return members;
  for (auto& name : fields.texts("members")) members.emplace_back(std::move(name));
  if (members.size() > members_max) fields.reject("members", "has more than 12 names");
  return members;
}

std::optional<Duration> read_deadline(Fields& fields) {
  if (!fields.has("deadline_ms")) return std::nullopt;
  return std::chrono::milliseconds(fields.integer("deadline_ms", deadline_range_ms));
}

std::vector<Message> read_messages(Fields& fields) {
  if (fields.has("question")) {
    if (fields.has("messages")) fields.reject("question", "and messages exclude each other");
    return {{Role::user, fields.text("question")}};
  }
  std::vector<Message> messages;
  if (!fields.has("messages")) {
    fields.reject("question", "is missing");
    return messages;
  }
  for (auto& message : fields.objects("messages")) {
    refuse_others(message, {"role", "content"}, not_known);
    const Role role = message.one_of("role", chat_role);
    messages.push_back({role, message.text("content")});
  }
  check_messages(fields, messages);
  return messages;
}

Asking read_asking(Fields& fields) {
  refuse_others(fields,
                {"question", "messages", "tier", "mode", "members", "deadline_ms", "seed",
                 "answer_max", "stop", "temperature", "top_p", "synthesize"},
                not_known);
  Asking asking;
  ChatRequest& chat = asking.chat;
  chat.model = "kai:auto";
  chat.messages = read_messages(fields);
  chat.tier = read_tier(fields);
  if (fields.has("mode")) chat.mode = fields.one_of("mode", mode_named);
  chat.members = read_members(fields);
  chat.deadline = read_deadline(fields);
  if (fields.has("seed")) chat.seed = fields.unsigned64("seed");
  if (fields.has("answer_max")) {
    chat.answer_max = Tokens(fields.integer("answer_max", {1, chat_tokens_max}));
  }
  chat.stop = read_stop(fields);
  chat.temperature = read_number(fields, "temperature", 0, 2);
  chat.top_p = read_number(fields, "top_p", 0, 1);
  // 0 is the most likely word alone.
  if (chat.top_p) chat.top_p = std::max(*chat.top_p, 1e-6);
  asking.synthesize = fields.has("synthesize") && fields.flag("synthesize");
  return asking;
}

}  // namespace

Result<Asking> decode_asking(std::string_view body) {
  return decode_request(body, read_asking);
}

Result<Feedback> decode_feedback(std::string_view body) {
  return decode_request(body, [](Fields& fields) {
    refuse_others(fields, {"said", "answer"}, not_known);
    Feedback feedback;
    if (fields.has("answer") == fields.has("said")) {
      fields.reject("said", "or answer is needed, and only one of them");
    } else if (fields.has("said")) {
      const std::string said = fields.text("said");
      feedback.kind = said == "bad" ? Feedback::Kind::bad : Feedback::Kind::good;
      if (said != "good" && said != "bad") fields.reject("said", "must be good or bad");
    } else {
      feedback = {Feedback::Kind::answer, fields.text("answer")};
      if (feedback.answer.find_first_not_of(" \t\r\n") == std::string::npos) {
        fields.reject("answer", "is empty; give the right answer");
      }
      if (feedback.answer.size() > answer_bytes_max) {
        fields.reject("answer", fmt::format("has more than {} bytes", answer_bytes_max));
      }
    }
    return feedback;
  });
}

Result<Replaying> decode_replaying(std::string_view body) {
  if (body.empty()) return Replaying();
  return decode_request(body, [](Fields& fields) {
    refuse_others(fields, {"tier", "mode", "members", "deadline_ms"}, not_known);
    Replaying replaying;
    replaying.tier = read_tier(fields);
    if (fields.has("mode")) replaying.mode = fields.one_of("mode", mode_named);
    replaying.members = read_members(fields);
    replaying.deadline = read_deadline(fields);
    return replaying;
  });
}

Result<Asking> asking_again(std::string_view document, const Replaying& replaying) {
  return decode(document, [&](Fields& fields) {
    Asking asking;
    ChatRequest& chat = asking.chat;
    chat.model = "kai:auto";
    chat.messages = {{Role::user, fields.text("question")}};
    Fields query = fields.object("query");
    if (query.integer("messages") != 1) {
      query.reject("messages",
                   "shows that it was asked inside a conversation, which is not kept; ask it anew "
                   "with its messages");
    }
    if (query.has("tier")) chat.tier = query.one_of("tier", tier_named);
    chat.mode = query.one_of("mode", mode_named);
    for (auto& name : query.texts("models")) chat.members.emplace_back(std::move(name));
    if (query.has("time_limit_ms")) chat.deadline = query.ms("time_limit_ms");
    if (query.has("answer_max")) {
      chat.answer_max = Tokens(query.integer("answer_max", {1, chat_tokens_max}));
    }
    asking.synthesize = fields.has("synthesis");
    if (replaying.tier) chat.tier = replaying.tier;
    if (replaying.mode) chat.mode = *replaying.mode;
    if (!replaying.members.empty()) chat.members = replaying.members;
    // Another tier has its own time.
    if (replaying.tier || replaying.deadline) chat.deadline = replaying.deadline;
    return asking;
  });
}

std::string encode_taken(const QueryId& query) {
  const std::string place = "/api/v1/queries/" + query.text;
  return to_line(json::object{{"id", query.text}, {"query", place}, {"events", place + "/events"}});
}

std::string encode_asking(const Query& query, bool seeded) {
  json::array members;
  for (const auto& model : query.models) members.emplace_back(model.text);
  json::object asking{{"question", query.question()},
                      {"mode", to_string(query.mode)},
                      {"members", std::move(members)},
                      {"synthesize", query.synthesize}};
  if (query.tier) asking["tier"] = to_string(*query.tier);
  if (query.time_limit) {
    asking["deadline_ms"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(*query.time_limit).count();
  }
  if (seeded) asking["seed"] = std::to_string(query.seed);
  return to_line(asking);
}

Result<QueryId> decode_taken(std::string_view body) {
  return decode(body, [](Fields& fields) { return QueryId(fields.text("id")); });
}

Error decode_refusal(std::string_view body) {
  const auto error = decode(body, [](Fields& fields) {
    Fields said = fields.object("error");
    return Error{error_code_named(said.text("code")), said.text("message")};
  });
  return error.value_or(Error{ErrorCode::internal, "the server said something that is no answer"});
}

std::string encode_history(const HistoryPage& page) {
  json::array rows;
  for (const auto& row : page.rows) {
    rows.push_back(
        json::object{{"id", row.id.text},
                     {"asked", to_rfc3339(row.asked)},
                     {"question", row.question},
                     {"answer", row.answer},
                     {"tier", to_string(row.tier)},
                     {"voters", row.voters},
                     {"agreeing", row.agreeing},
                     {"confidence", row.confidence ? json::value(*row.confidence) : nullptr},
                     {"latency_ms", to_ms(row.latency)},
                     {"ending", row.ending}});
  }
  return to_line(json::object{{"queries", std::move(rows)}, {"more", page.more}});
}

namespace {

json::array places_of(const ModelId& model, std::span<const Loaded> loaded) {
  json::array places;
  for (const auto& one : loaded) {
    if (one.model != model) continue;
    places.push_back(json::object{{"device", one.device.text}, {"bytes", one.bytes.count}});
  }
  return places;
}

json::object encoded(const CostCard& card) {
  return {{"device", card.device.text},
          {"measured", card.measured},
          {"load_ms", to_ms(card.load)},
          {"prefill_rate", card.prefill_rate},
          {"decode_rate", card.decode_rate},
          {"weights_bytes", card.weights.count},
          {"kv_bytes_per_token", card.kv_per_token.count},
          {"buffers_bytes", card.buffers.count}};
}

json::object encoded(const Model& model) {
  const ModelFacts& facts = model.facts;
  return {{"id", model.id.text},
          {"refused", text_or_null(model.refused)},
          {"architecture", text_or_null(facts.architecture)},
          {"quantisation", text_or_null(facts.quantisation)},
          {"parameters", facts.parameters},
          {"context_max", facts.context_max.count},
          {"file_bytes", facts.file.count},
          {"prior", model.prior}};
}

// The models with where they are loaded.
json::array listed(const Fleet& fleet, std::span<const Loaded> loaded) {
  json::array models;
  for (const auto& model : fleet.models) {
    json::object one = encoded(model);
    one["loaded"] = places_of(model.id, loaded);
    models.push_back(std::move(one));
  }
  return models;
}

json::array listed_devices(const Fleet& fleet) {
  json::array devices;
  for (const auto& device : fleet.devices) {
    devices.push_back(json::object{{"id", device.id.text},
                                   {"kind", to_string(device.kind)},
                                   {"name", device.name},
                                   {"capacity_bytes", device.capacity.count},
                                   {"buffer_bytes", device.buffer.count},
                                   {"lanes", device.lanes},
                                   {"running", device.running},
                                   {"threads_per_lane", device.threads_per_lane}});
  }
  return devices;
}

}  // namespace

std::string encode_models(const Fleet& fleet, std::span<const CostCard> cards,
                          std::span<const Loaded> loaded) {
  json::array models = listed(fleet, loaded);
  for (std::size_t index = 0; index < models.size(); ++index) {
    json::array known;
    for (const auto& card : cards) {
      if (card.model == fleet.models[index].id) known.push_back(encoded(card));
    }
    models[index].get_object()["cards"] = std::move(known);
  }
  return to_line(json::object{{"models", std::move(models)}});
}

std::string encode_devices(const Fleet& fleet) {
  return to_line(json::object{{"devices", listed_devices(fleet)}});
}

std::string encode_models_changed(std::uint64_t seq, const Fleet& fleet,
                                  std::span<const Loaded> loaded) {
  return to_line(
      json::object{{"type", "models.changed"}, {"seq", seq}, {"models", listed(fleet, loaded)}});
}

std::string encode_snapshot(std::uint64_t seq, const Fleet& fleet, std::span<const Loaded> loaded,
                            std::span<const std::string> events) {
  std::string text = to_line(json::object{{"type", "snapshot"},
                                          {"seq", seq},
                                          {"models", listed(fleet, loaded)},
                                          {"devices", listed_devices(fleet)}});
  // They are JSON already.
  text.back() = ',';
  text += fmt::format("\"events\":[{}]}}", fmt::join(events, ","));
  return text;
}

std::string encode_reloaded(const Reloaded& reloaded) {
  const auto keys = [](const std::vector<std::string>& names) {
    json::array list;
    for (const auto& name : names) list.emplace_back(name);
    return list;
  };
  return to_line(
      json::object{{"at_once", keys(reloaded.at_once)}, {"next_start", keys(reloaded.next_start)}});
}

}  // namespace kai::wire::native
