#include "wire/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <map>
#include <set>
#include <vector>

#include "wire/json_form.h"

namespace kai::wire {

namespace {

constexpr std::size_t grammar_bytes_max = 60 * 1024;  // of 64 KiB that a worker takes
constexpr std::int64_t repeats_max = 1000;            // llama.cpp unrolls them
constexpr std::size_t words_max = 100;                // of a schema's own in a complaint

// They say what a document means, not what it may be.
constexpr std::initializer_list<std::string_view> descriptions{
    "title",    "description", "default", "examples",    "$schema",  "$id",
    "$comment", "deprecated",  "$defs",   "definitions", "readOnly", "writeOnly"};

// Rules that others are made of. No text begins or ends with a space, and none has a line's end:
// some models are told to stop there.
constexpr std::string_view basics = R"(
value ::= map | list | string | number | boolean | null
map ::= "{" ( string ": " value ( ", " string ": " value )* )? "}"
list ::= "[" ( value ( ", " value )* )? "]"
string ::= "\"" char* "\""
char ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]
integer ::= "-"? ( "0" | [1-9] [0-9]{0,14} )
number ::= integer ( "." [0-9]{1,15} )? ( [eE] [-+]? [0-9]{1,2} )?
boolean ::= "true" | "false"
null ::= "null"
)";

// Text as GBNF writes it.
std::string literal(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + '"';
}

std::string shortened(std::string_view word) {
  return valid_utf8(word.substr(0, words_max));
}

class Converter {
 public:
  explicit Converter(const json::object& root) : root_(root) {}

  Result<std::string> convert();

 private:
  // Where in the schema, for complaints, and in the grammar.
  struct Place {
    std::string path;
    std::string rule;     // whose body is being written
    bool behind = false;  // something comes before it: a rule may then name itself
  };

  std::string any(const json::value& schema, const Place& place);
  std::string of_types(const json::object& schema, const Place& place);
  std::string typed(const json::object& schema, std::string_view type, const Place& place);
  std::string object(const json::object& schema, const Place& place);
  std::string entries(const json::object& properties, const std::set<std::string>& required,
                      const Place& place);
  std::string array(const json::object& schema, const Place& place);
  std::string text(const json::object& schema, const Place& place);
  std::string alternatives(const json::array& schemas, const Place& place);
  std::string reference(std::string_view target, const Place& place);
  std::set<std::string> required_of(const json::object& schema, const Place& place);
  std::string repeats(const json::object& schema, std::string_view least, std::string_view most,
                      std::int64_t fewer, const Place& place);
  bool only(const json::object& schema, std::initializer_list<std::string_view> known,
            const Place& place);
  std::string add_rule(std::string body);
  std::string complain(const Place& place, std::string_view why);
  bool goes_round() const;

  const json::object& root_;
  std::map<std::string, std::string> rules_;                      // by name
  std::map<std::string, std::string> referred_;                   // rules by what refers to them
  std::deque<std::pair<std::string, const json::value*>> to_do_;  // referred to, not yet written
  std::map<std::string, std::set<std::string>> begins_;  // rules that a rule may begin with
  std::size_t bytes_ = 0;
  std::optional<Error> error_;
};

Result<std::string> Converter::convert() {
  const json::value whole(root_);
  referred_["#"] = "root";
  to_do_.emplace_back("root", &whole);
  while (!to_do_.empty() && !error_) {
    const auto [rule, schema] = to_do_.front();
    to_do_.pop_front();
    std::string body = any(*schema, {rule == "root" ? "" : rule, rule, false});
    bytes_ += body.size();
    rules_[rule] = std::move(body);
    if (bytes_ > grammar_bytes_max) complain({}, "the schema is too large");
  }
  if (!error_ && goes_round()) complain({}, "a $ref leads to itself and to nothing else");
  if (error_) return std::unexpected(*error_);
  std::string grammar;
  for (const auto& [name, body] : rules_) grammar += fmt::format("{} ::= {}\n", name, body);
  grammar += basics.substr(1);
  return grammar;
}

// Depth is bounded: a parsed text has at most 32 levels, and a $ref is not followed here.
std::string Converter::any(const json::value& schema, const Place& place) {
  if (error_) return "";
  if (schema.is_bool() && schema.get_bool()) return "value";
  const json::object* fields = schema.if_object();
  if (fields == nullptr) return complain(place, "a schema must be an object");
  if (const auto* target = fields->if_contains("$ref")) {
    if (!only(*fields, {"$ref"}, place)) return "";
    return target->is_string() ? reference(target->get_string(), place)
                               : complain(place, "$ref must be a string");
  }
  if (const auto* value = fields->if_contains("const")) {
    if (!only(*fields, {"const", "type"}, place)) return "";
    return literal(to_line(*value));
  }
  if (const auto* values = fields->if_contains("enum")) {
    if (!only(*fields, {"enum", "type"}, place)) return "";
    if (!values->is_array() || values->get_array().empty()) {
      return complain(place, "enum must be a list that is not empty");
    }
    std::string choices;
    for (const auto& value : values->get_array()) {
      choices += (choices.empty() ? "( " : " | ") + literal(to_line(value));
    }
    return choices + " )";
  }
  for (const auto* name : {"anyOf", "allOf"}) {
    const auto* schemas = fields->if_contains(name);
    if (schemas == nullptr) continue;
    if (!only(*fields, {name}, place)) return "";
    if (!schemas->is_array() || schemas->get_array().empty()) {
      return complain(place, fmt::format("{} must be a list that is not empty", name));
    }
    if (std::string_view(name) == "allOf" && schemas->get_array().size() > 1) {
      return complain(place, "allOf of more than one is not supported; write them as one schema");
    }
    return alternatives(schemas->get_array(), place);
  }
  return of_types(*fields, place);
}

std::string Converter::of_types(const json::object& schema, const Place& place) {
  const auto* type = schema.if_contains("type");
  if (type == nullptr) {
    if (schema.contains("properties")) return typed(schema, "object", place);
    return only(schema, {}, place) ? "value" : "";
  }
  if (type->is_string()) return typed(schema, type->get_string(), place);
  if (!type->is_array() || type->get_array().empty()) {
    return complain(place, "type must be a name or a list of names");
  }
  constexpr std::size_t types = 7;
  if (type->get_array().size() > types) {
    return complain(place, "type lists more than there are; name each once");
  }
  std::string choices;
  for (const auto& one : type->get_array()) {
    if (!one.is_string()) return complain(place, "type must be a name or a list of names");
    // What is said of one type must not be held against the others.
    json::object alone = schema;
    if (one.get_string() == "null") alone = {{"type", "null"}};
    choices += (choices.empty() ? "( " : " | ") + typed(alone, one.get_string(), place);
  }
  return choices + " )";
}

std::string Converter::typed(const json::object& schema, std::string_view type,
                             const Place& place) {
  if (type == "object") return object(schema, place);
  if (type == "array") return array(schema, place);
  if (type == "string") return text(schema, place);
  for (const auto* name : {"number", "integer", "boolean", "null"}) {
    if (type == name) return only(schema, {"type"}, place) ? name : "";
  }
  return complain(place, fmt::format("there is no type \"{}\"", shortened(type)));
}

std::string Converter::object(const json::object& schema, const Place& place) {
  if (!only(schema, {"type", "properties", "required", "additionalProperties"}, place)) return "";
  const auto* properties = schema.if_contains("properties");
  if (properties != nullptr && !properties->is_object()) {
    return complain(place, "properties must be an object");
  }
  const auto required = required_of(schema, place);
  if (error_) return "";
  if (properties != nullptr && !properties->get_object().empty()) {
    for (const auto& name : required) {
      if (!properties->get_object().contains(name)) {
        return complain(
            place, fmt::format("required names \"{}\", which is no property", shortened(name)));
      }
    }
    return entries(properties->get_object(), required, place);
  }
  if (!required.empty()) return complain(place, "required names what is no property");
  const auto* others = schema.if_contains("additionalProperties");
  if (others == nullptr) return "map";
  if (others->is_bool()) return others->get_bool() ? "map" : R"("{}")";
  const std::string value =
      add_rule(any(*others, {place.path + "/additionalProperties", place.rule, true}));
  return fmt::format(R"("{{" ( string ": " {0} ( ", " string ": " {0} )* )? "}}")", value);
}

// In their order, any of those that are not required left out. Behind the first one each has a
// comma in front, so what may come where nothing was written yet is a rule of its own.
std::string Converter::entries(const json::object& properties,
                               const std::set<std::string>& required, const Place& place) {
  std::vector<std::string> pairs;
  std::vector<bool> needed;
  for (const auto& [name, schema] : properties) {
    const std::string key(name);
    pairs.push_back(literal(to_line(json::string(name)) + ": ") + " " +
                    any(schema, {place.path + "/properties/" + shortened(key), place.rule, true}));
    needed.push_back(required.contains(key));
  }
  if (error_) return "";
  std::string begun, fresh;  // what may follow, once something is written and before
  for (std::size_t index = pairs.size(); index-- > 0;) {
    const std::string pair = add_rule(pairs[index]);
    if (error_) return "";  // it has grown too long
    const std::string rest = begun.empty() ? "" : " " + begun;
    fresh = needed[index]   ? pair + rest
            : fresh.empty() ? "( " + pair + rest + " )?"
                            : "( " + pair + rest + " | " + fresh + " )";
    const std::string next = R"(", " )" + pair;
    begun = add_rule((needed[index] ? next : "( " + next + " )?") + rest);
  }
  return R"("{" )" + fresh + R"( "}")";
}

std::string Converter::array(const json::object& schema, const Place& place) {
  if (!only(schema, {"type", "items", "minItems", "maxItems"}, place)) return "";
  const auto* items = schema.if_contains("items");
  const std::string item =
      items == nullptr ? "value" : add_rule(any(*items, {place.path + "/items", place.rule, true}));
  const std::string more = repeats(schema, "minItems", "maxItems", 1, place);
  const auto* most = schema.if_contains("maxItems");
  if (most != nullptr && most->is_int64() && most->get_int64() == 0) return R"("[]")";
  const auto* least = schema.if_contains("minItems");
  const bool may_be_empty = least == nullptr || (least->is_int64() && least->get_int64() == 0);
  return fmt::format(R"("[" ( {0} ( ", " {0} ){1} ){2} "]")", item, more, may_be_empty ? "?" : "");
}

std::string Converter::text(const json::object& schema, const Place& place) {
  if (!only(schema, {"type", "minLength", "maxLength"}, place)) return "";
  const std::string length = repeats(schema, "minLength", "maxLength", 0, place);
  return length == "*" ? "string" : fmt::format(R"("\"" char{} "\"")", length);
}

std::string Converter::alternatives(const json::array& schemas, const Place& place) {
  std::string choices;
  for (const auto& schema : schemas) {
    choices += (choices.empty() ? "( " : " | ") + any(schema, place);
  }
  return choices + " )";
}

std::string Converter::reference(std::string_view target, const Place& place) {
  const auto [known, is_new] =
      referred_.emplace(std::string(target), fmt::format("ref-{}", referred_.size()));
  if (is_new) {
    const json::value* found = nullptr;
    for (const std::string_view in : {"$defs", "definitions"}) {
      const std::string start = fmt::format("#/{}/", in);
      const auto* defs = root_.if_contains(in);
      if (!target.starts_with(start) || defs == nullptr || !defs->is_object()) continue;
      found = defs->get_object().if_contains(target.substr(start.size()));
    }
    if (found == nullptr) {
      return complain(place, fmt::format("$ref \"{}\" leads nowhere in $defs", shortened(target)));
    }
    to_do_.emplace_back(known->second, found);
  }
  if (!place.behind) begins_[place.rule].insert(known->second);
  return known->second;
}

std::set<std::string> Converter::required_of(const json::object& schema, const Place& place) {
  std::set<std::string> names;
  const auto* required = schema.if_contains("required");
  if (required == nullptr) return names;
  if (!required->is_array()) complain(place, "required must be a list of names");
  for (const auto& name : required->is_array() ? required->get_array() : json::array()) {
    if (!name.is_string()) {
      complain(place, "required must be a list of names");
      break;
    }
    names.emplace(name.get_string());
  }
  return names;
}

// "{1,3}" or "*"; `fewer` of them stand elsewhere.
std::string Converter::repeats(const json::object& schema, std::string_view least,
                               std::string_view most, std::int64_t fewer, const Place& place) {
  std::int64_t bounds[2] = {0, -1};
  const std::string_view names[2] = {least, most};
  for (int side = 0; side < 2; ++side) {
    const auto* bound = schema.if_contains(names[side]);
    if (bound == nullptr) continue;
    if (!bound->is_int64() || bound->get_int64() < 0 || bound->get_int64() > repeats_max) {
      return complain(place, fmt::format("{} must be 0 to {}", names[side], repeats_max));
    }
    bounds[side] = bound->get_int64();
  }
  const bool endless = bounds[1] < 0;
  if (!endless && bounds[1] < bounds[0]) {
    return complain(place, fmt::format("{} is more than {}", least, most));
  }
  const std::int64_t from = std::max<std::int64_t>(0, bounds[0] - fewer);
  if (endless) return from == 0 ? "*" : fmt::format("{{{},}}", from);
  return fmt::format("{{{},{}}}", from, std::max<std::int64_t>(0, bounds[1] - fewer));
}

bool Converter::only(const json::object& schema, std::initializer_list<std::string_view> known,
                     const Place& place) {
  for (const auto& [name, value] : schema) {
    const std::string_view key(name);
    if (std::ranges::count(known, key) > 0 || std::ranges::count(descriptions, key) > 0) continue;
    complain(place, fmt::format("\"{}\" is not supported there", shortened(key)));
    return false;
  }
  return true;
}

// A rule of its own, for what is written more than once.
std::string Converter::add_rule(std::string body) {
  bytes_ += body.size();
  if (bytes_ > grammar_bytes_max) return complain({}, "the schema is too large");
  std::string name = fmt::format("part-{}", rules_.size());
  rules_[name] = std::move(body);
  return name;
}

std::string Converter::complain(const Place& place, std::string_view why) {
  if (!error_) {
    error_ = Error{ErrorCode::invalid_request,
                   place.path.empty()
                       ? std::string(why)
                       : fmt::format("{} (at {})", why, valid_utf8(place.path.substr(0, 200)))};
  }
  return "";
}

// Whether some rule may begin with itself, so that nothing is ever written.
bool Converter::goes_round() const {
  auto left = begins_;
  for (bool fewer = true; fewer;) {
    fewer = std::erase_if(left, [&](const auto& entry) {
              return std::ranges::none_of(
                  entry.second, [&](const std::string& next) { return left.contains(next); });
            }) > 0;
  }
  return !left.empty();
}

}  // namespace

Result<std::string> grammar_of(const json::value& schema) {
  if (!schema.is_object() || schema.get_object().empty()) {
    return fail(ErrorCode::invalid_request, "a schema must be an object that says something");
  }
  return Converter(schema.get_object()).convert();
}

Result<JsonForm> json_form_of(const json::value& schema) {
  auto grammar = grammar_of(schema);
  if (!grammar) return std::unexpected(std::move(grammar.error()));
  return JsonForm{*std::move(grammar), to_line(schema)};
}

JsonForm json_object_form() {
  return {fmt::format("root ::= map\n{}", basics.substr(1)), std::string(any_json_object)};
}

}  // namespace kai::wire
