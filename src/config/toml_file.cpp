#include "config/toml_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <tuple>

#include "config/nearest.h"
#include "config/one_line.h"
#include "config/units.h"
#include "fleet/templates.h"

namespace kai {

namespace {

constexpr std::int64_t file_max = 1 << 20;  // bytes

std::unexpected<Error> wrong(const std::string& path, unsigned line, std::string_view what) {
  const std::string said = as_one_line(what);
  return fail(ErrorCode::invalid_config, line == 0 ? fmt::format("{}: {}", path, said)
                                                   : fmt::format("{}:{}: {}", path, line, said));
}

unsigned line_of(const toml::node& node) {
  return node.source().begin.line;
}

Result<std::string> read_file(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return wrong(path, 0,
                 fmt::format("cannot be read: {}", std::generic_category().message(errno)));
  }
  // A FIFO would block for ever.
  if (!S_ISREG(found.st_mode)) return wrong(path, 0, "is not a file");
  if (found.st_size > file_max) return wrong(path, 0, "is larger than 1 MiB; is it a kai.toml?");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (found.st_size > 0) text << file.rdbuf();
  if (!file) return wrong(path, 0, "cannot be read; check its permissions");
  return text.str();
}

TomlEntry entry_of(std::string key, const toml::node& node) {
  using Type = TomlEntry::Type;
  TomlEntry entry{std::move(key), {}, Type::other, line_of(node)};
  if (const auto* text = node.as_string()) {
    entry.type = Type::text;
    entry.words = {text->get()};
  } else if (const auto* whole = node.as_integer()) {
    entry.type = Type::integer;
    entry.words = {std::to_string(whole->get())};
  } else if (const auto* number = node.as_floating_point()) {
    entry.type = Type::number;
    entry.words = {fmt::format("{}", number->get())};
  } else if (const auto* yes = node.as_boolean()) {
    entry.type = Type::boolean;
    entry.words = {yes->get() ? "true" : "false"};
  } else if (const auto* list = node.as_array()) {
    entry.type = Type::list;
    for (const auto& item : *list) {
      const auto* text_item = item.as_string();
      if (text_item == nullptr) entry.type = Type::other;
      if (text_item != nullptr) entry.words.push_back(text_item->get());
    }
  }
  return entry;
}

// Reads the fields of one table; the first thing wrong is kept.
class Fields {
 public:
  Fields(const std::string& path, const toml::table& table, std::string where)
      : path_(path), table_(table), where_(std::move(where)) {}

  std::string text(std::string_view key, bool required = false) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
      if (required) note(table_, fmt::format("has no {}; add {} = \"…\"", key, key));
      return {};
    }
    const auto* text = node->as_string();
    if (text == nullptr) note(*node, fmt::format("{} must be text", key));
    return text == nullptr ? std::string() : text->get();
  }
  double number(std::string_view key, double otherwise) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return otherwise;
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    if (!value || !(*value >= 0 && *value <= 1)) note(*node, fmt::format("{} must be 0..1", key));
    return value.value_or(otherwise);
  }
  int whole(std::string_view key, int otherwise, int least, int most) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return otherwise;
    const auto value = node->is_integer() ? node->value<std::int64_t>() : std::nullopt;
    if (!value || *value < least || *value > most) {
      note(*node, fmt::format("{} must be a whole number of {}..{}", key, least, most));
      return otherwise;
    }
    return static_cast<int>(*value);
  }
  bool flag(std::string_view key) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return false;
    if (!node->is_boolean()) note(*node, fmt::format("{} must be true or false", key));
    return node->value_or(false);
  }
  std::vector<std::string> texts(std::string_view key) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    auto entry = entry_of("", *node);
    if (entry.type != TomlEntry::Type::list) {
      note(*node, fmt::format("{} must be a list of texts", key));
    }
    return entry.words;
  }
  const toml::node* any(std::string_view key) {
    known_.emplace_back(key);
    return table_.get(key);
  }

  void note(const toml::node& node, std::string_view what) {
    if (error_) return;
    error_ = wrong(path_, line_of(node), fmt::format("{} {}", where_, what)).error();
  }
  // What was wrong, unknown keys included: call it last.
  std::optional<Error> error() {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (std::ranges::find(known_, name) != known_.end()) continue;
      const auto meant = nearest(name, known_);
      note(node, meant.empty() ? fmt::format("does not know {}; remove it", name)
                               : fmt::format("does not know {}; did you mean {}?", name, meant));
    }
    return error_;
  }

 private:
  const std::string& path_;
  const toml::table& table_;
  std::string where_;
  std::vector<std::string> known_;
  std::optional<Error> error_;
};

Result<ChatTemplate> template_of(const std::string& path, const toml::node& node) {
  if (const auto* name = node.as_string()) {
    if (const auto known = template_named(name->get())) return *known;
    return wrong(path, line_of(node),
                 fmt::format("there is no template \"{}\"; choose one of {}, or give "
                             "{{ user_prefix = …, assistant_prefix = … }}",
                             name->get(), template_names()));
  }
  const auto* table = node.as_table();
  if (table == nullptr) {
    return wrong(path, line_of(node), "template must be a name or a table of prefixes");
  }
  Fields fields(path, *table, "template");
  ChatTemplate chat;
  chat.preamble = fields.text("preamble");
  chat.system = {fields.text("system_prefix"), fields.text("system_suffix")};
  chat.user = {fields.text("user_prefix"), fields.text("user_suffix")};
  chat.assistant = {fields.text("assistant_prefix"), fields.text("assistant_suffix")};
  chat.stop = fields.texts("stop");
  if (!chat.own_frames()) fields.note(node, "needs a user_prefix or user_suffix");
  if (auto error = fields.error()) return std::unexpected(*std::move(error));
  return chat;
}

Result<MemberOverride> member_of(const std::string& path, const toml::table& table) {
  Fields fields(path, table, "[[member]]");
  MemberOverride member;
  member.model = fields.text("model", true);
  member.prior = fields.number("prior", -1);
  member.disabled = fields.flag("disabled");
  const toml::node* chat = fields.any("template");
  if (auto error = fields.error()) return std::unexpected(*std::move(error));
  if (chat == nullptr) return member;
  auto framed = template_of(path, *chat);
  if (!framed) return std::unexpected(framed.error());
  member.chat = *std::move(framed);
  return member;
}

// A text in the table that `parse` understands; else it is noted.
template <class T, class Parse>
void set_text(Fields& fields, const toml::table& table, std::string_view key,
              std::string_view range, T& value, Parse parse) {
  const std::string text = fields.text(key);
  if (!table.contains(key)) return;
  const auto read = parse(text);
  if (!read) return fields.note(*table.get(key), fmt::format("{} must be {}", key, range));
  value = *read;
}

void set_duration(Fields& fields, const toml::table& table, std::string_view key, Duration& value,
                  Duration least, Duration most) {
  const std::string range =
      fmt::format("a duration of {}..{}, in quotes", print_duration(least), print_duration(most));
  set_text(fields, table, key, range, value, [&](const std::string& text) {
    const auto read = parse_duration(text);
    return read && *read >= least && *read <= most ? read : std::nullopt;
  });
}

bool is_engine_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  // Devices of this machine are called so, and the tiers' models "kai:…".
  const bool taken = name == "cpu" || name.starts_with("gpu") || name == "kai" || name == "auto";
  return !name.empty() && name.size() <= 32 && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, fits) && !taken;
}

Result<HostOptions> engine_of(const std::string& path, const toml::table& table) {
  using namespace std::chrono_literals;
  Fields fields(path, table, "[[engines]]");
  HostOptions engine;
  engine.name = fields.text("name", true);
  if (table.contains("name") && !is_engine_name(engine.name)) {
    fields.note(*table.get("name"),
                "name must be 1 to 32 of a-z, 0-9, - and _, beginning with a "
                "letter, and not cpu, gpu…, kai or auto");
  }
  set_text(fields, table, "kind", "\"openai\" or \"ollama\"", engine.kind,
           [](const std::string& text) { return wire::host_kind_named(text); });
  const std::string address = fields.text("address", true);
  if (table.contains("address")) {
    if (auto good = set_address(engine, address); !good) {
      fields.note(*table.get("address"), good.error().message);
    }
  }
  engine.key_env = fields.text("key_env");
  engine.key_file = fields.text("key_file");
  if (!engine.key_env.empty() && !engine.key_file.empty()) {
    fields.note(*table.get("key_file"), "has a key_env and a key_file; keep one");
  }
  if (!engine.key_file.empty() && !engine.key_file.starts_with('/')) {
    fields.note(*table.get("key_file"), "key_file must begin with /");
  }
  engine.ca_file = fields.text("ca_file");
  if (!engine.ca_file.empty() && !engine.tls) {
    fields.note(*table.get("ca_file"), "ca_file is for an address that begins with https://");
  }
  if (!engine.ca_file.empty() && !engine.ca_file.starts_with('/')) {
    fields.note(*table.get("ca_file"), "ca_file must begin with /");
  }
  engine.models = fields.texts("models");
  engine.at_once = fields.whole("at_once", engine.at_once, 1, 64);
  engine.tries = fields.whole("tries", engine.tries, 1, 10);
  engine.context =
      Tokens(fields.whole("context", static_cast<int>(engine.context.count), 256, 1 << 20));
  set_duration(fields, table, "reach_max", engine.reach_max, 100ms, 30s);
  set_duration(fields, table, "silence_max", engine.silence_max, 1s, 10min);
  set_duration(fields, table, "look_every", engine.look_every, 1s, 1h);
  set_duration(fields, table, "keep", engine.keep, 0s, 24h);
  if (auto error = fields.error()) return std::unexpected(*std::move(error));
  return engine;
}

// Every table of the list `name`, which `read` takes.
template <class Read>
Result<> read_tables(const std::string& path, std::string_view name, const toml::node& node,
                     Read read) {
  const auto* list = node.as_array();
  if (list == nullptr || !list->is_array_of_tables()) {
    return wrong(
        path, line_of(node),
        fmt::format("write each {} as its own [[{}]] table", name.substr(0, name.find("s")), name));
  }
  for (const auto& item : *list) {
    if (auto good = read(*item.as_table()); !good) return good;
  }
  return {};
}

}  // namespace

Result<TomlFile> read_toml(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  toml::table root;
  try {
    root = toml::parse(*text, std::string_view(path));
  } catch (const toml::parse_error& error) {
    return wrong(path, error.source().begin.line,
                 fmt::format("is not TOML: {}", error.description()));
  }
  TomlFile file;
  std::vector<std::pair<std::string, const toml::table*>> open{{"", &root}};
  while (!open.empty()) {
    const auto [prefix, table] = open.back();
    open.pop_back();
    for (const auto& [name, node] : *table) {
      const std::string key = prefix + std::string(name.str());
      if (key == "engines") {
        const auto add = [&](const toml::table& one) -> Result<> {
          auto engine = engine_of(path, one);
          if (!engine) return std::unexpected(engine.error());
          file.engines.push_back(*std::move(engine));
          return {};
        };
        if (auto read = read_tables(path, key, node, add); !read) {
          return std::unexpected(read.error());
        }
      } else if (key == "member") {
        const auto add = [&](const toml::table& one) -> Result<> {
          auto member = member_of(path, one);
          if (!member) return std::unexpected(member.error());
          file.members.push_back(*std::move(member));
          return {};
        };
        if (auto read = read_tables(path, key, node, add); !read) {
          return std::unexpected(read.error());
        }
      } else if (const auto* inner = node.as_table(); inner != nullptr && !inner->empty()) {
        open.emplace_back(key + '.', inner);
      } else {
        file.entries.push_back(entry_of(key, node));
      }
    }
  }
  std::ranges::sort(file.entries, {}, [](const TomlEntry& e) { return std::tie(e.line, e.key); });
  return file;
}

}  // namespace kai
