#include "config/config.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ranges>

#include "config/nearest.h"
#include "config/one_line.h"
#include "config/options.h"
#include "config/toml_file.h"

extern char** environ;

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view system_file = "/etc/kai/kai.toml";
// Ours, but not options: KAI_CONFIG names the file, KAI_API_KEY is what commands show a server, the
// others belong to the build.
constexpr std::array<std::string_view, 5> other_names{"KAI_CONFIG", "KAI_API_KEY", "KAI_BACKEND",
                                                      "KAI_WERROR", "KAI_LLAMA"};

std::unexpected<Error> refuse(std::string_view message) {
  return fail(ErrorCode::invalid_config, as_one_line(message));
}

std::string value_of(const Surroundings& around, const std::string& name) {
  const auto found = around.environment.find(name);
  return found == around.environment.end() ? std::string() : found->second;
}

// A folder of the XDG base directory specification (0.8): a relative one counts as not set.
std::string xdg_folder(const Surroundings& around, const std::string& name,
                       std::string_view in_home) {
  const std::string set = value_of(around, name);
  if (set.starts_with('/')) return set;
  return around.home.empty() ? std::string() : fmt::format("{}/{}", around.home, in_home);
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::string default_ollama_store(const Surroundings& around) {
  if (auto set = value_of(around, "OLLAMA_MODELS"); !set.empty()) return set;
  for (const auto& path :
       {around.home + "/.ollama/models", std::string("/usr/share/ollama/.ollama/models")}) {
    if (is_folder(path)) return path;
  }
  return {};
}

std::string default_worker(const Surroundings& around) {
  const fs::path folder = fs::path(around.program).parent_path();
  const std::string beside = (folder / "kai-worker").string();
  const std::string installed = (folder / "../libexec/kai/kai-worker").lexically_normal().string();
  return !is_file(beside) && is_file(installed) ? installed : beside;
}

// "~/…" and relative paths made whole. A path in a file has no current folder to start from.
std::expected<std::string, std::string> whole_path(const Surroundings& around, std::string path,
                                                   bool in_file) {
  if (path == "~" || path.starts_with("~/")) path = around.home + path.substr(1);
  if (path.contains('\0')) return std::unexpected("a path cannot contain NUL");
  if (path.empty() || path.starts_with('/')) return path;
  if (in_file) {
    return std::unexpected(fmt::format("\"{}\" must begin with / or ~/", path));
  }
  return (fs::path(around.folder) / path).lexically_normal().string();
}

// Fills a Config from one source after the other; the first error ends it.
class Loading {
 public:
  explicit Loading(const Surroundings& around) : around_(around), table_(option_table()) {
    for (const auto& option : table_) keys_.push_back(option.key);
  }

  Result<> read_file(const std::string& path);
  Result<> read_environment();
  Result<> read_flags(std::span<const Flag> flags);
  Result<Config> finish() &&;

 private:
  const Setting* find(std::string_view key) const {
    const auto found = std::ranges::find(table_, key, &Setting::key);
    return found == table_.end() ? nullptr : &*found;
  }
  std::string unknown(std::string_view key) const {
    const auto meant = nearest(key, keys_);
    return meant.empty()
               ? fmt::format("there is no option {}; `kai config show` lists them all", key)
               : fmt::format("there is no option {}; did you mean {}?", key, meant);
  }
  std::expected<void, std::string> set(const Setting& option, Words words, bool in_file,
                                       std::string origin);
  Result<> check_tiers() const;

  const Surroundings& around_;
  std::vector<Setting> table_;
  std::vector<std::string> keys_;
  Config config_;
};

std::expected<void, std::string> Loading::set(const Setting& option, Words words, bool in_file,
                                              std::string origin) {
  if (option.kind == Kind::path || option.kind == Kind::paths) {
    for (auto& word : words) {
      auto path = whole_path(around_, word, in_file);
      if (!path) return std::unexpected(path.error());
      word = *path;
    }
  }
  if (auto done = option.set(config_, words); !done) return done;
  config_.origins[option.key] = std::move(origin);
  return {};
}

// A value as KAI_* and flags write it: paths are separated by colons, other lists by commas.
Words words_of(const Setting& option, const std::string& text) {
  if (option.kind != Kind::paths && option.kind != Kind::texts) return {text};
  Words words;
  for (const auto part : std::views::split(text, option.kind == Kind::paths ? ':' : ',')) {
    if (!part.empty()) words.emplace_back(part.begin(), part.end());
  }
  return words;
}

// Whether the value stands in the file as its kind is written in TOML.
bool fits(TomlEntry::Type type, Kind kind) {
  using Type = TomlEntry::Type;
  switch (kind) {
    case Kind::integer: return type == Type::integer;
    case Kind::number: return type == Type::integer || type == Type::number;
    case Kind::texts:
    case Kind::paths: return type == Type::list;
    case Kind::yes_no: return type == Type::boolean;
    default: return type == Type::text;
  }
}

Result<> Loading::read_file(const std::string& path) {
  auto file = read_toml(path);
  if (!file) return std::unexpected(file.error());
  for (auto& entry : file->entries) {
    const std::string place = fmt::format("{}:{}", path, entry.line);
    const Setting* option = find(entry.key);
    if (option == nullptr) return refuse(fmt::format("{}: {}", place, unknown(entry.key)));
    if (!fits(entry.type, option->kind)) {
      return refuse(fmt::format(
          "{}: {} must be {}{}{}", place, entry.key, option->kind == Kind::yes_no ? "" : "a ",
          to_string(option->kind),
          option->kind == Kind::duration || option->kind == Kind::size ? ", in quotes" : ""));
    }
    if (auto done = set(*option, std::move(entry.words), true, place); !done) {
      return refuse(fmt::format("{}: {}: {}", place, entry.key, done.error()));
    }
  }
  auto& overrides = config_.fleet.overrides;
  overrides.insert(overrides.end(), file->members.begin(), file->members.end());
  for (auto& engine : file->engines) {
    if (std::ranges::count(config_.engines, engine.name, &HostOptions::name) > 0) {
      return refuse(fmt::format("{}: there are two [[engines]] called \"{}\"; rename one", path,
                                engine.name));
    }
    config_.engines.push_back(std::move(engine));
  }
  config_.files.push_back(path);
  return {};
}

Result<> Loading::read_environment() {
  std::vector<std::string> names;
  for (const auto& option : table_) {
    const std::string name = names.emplace_back(environment_name(option.key));
    const auto found = around_.environment.find(name);
    if (found == around_.environment.end()) continue;
    if (auto done = set(option, words_of(option, found->second), false, name); !done) {
      return refuse(fmt::format("{}: {}", name, done.error()));
    }
  }
  // A name that is nearly ours is a slip; anything else called KAI_… may be somebody else's.
  for (const auto& [name, value] : around_.environment) {
    if (!name.starts_with("KAI_") || std::ranges::count(names, name) > 0 ||
        std::ranges::count(other_names, name) > 0) {
      continue;
    }
    const auto meant = nearest(name, names);
    if (!meant.empty() && distance(name, meant) <= 2) {
      return refuse(fmt::format("{} in the environment is unknown; did you mean {}?", name, meant));
    }
  }
  return {};
}

Result<> Loading::read_flags(std::span<const Flag> flags) {
  for (const auto& [key, value] : flags) {
    const Setting* option = find(key);
    if (option == nullptr) return refuse(fmt::format("--set: {}", unknown(key)));
    if (auto done = set(*option, words_of(*option, value), false, "--set"); !done) {
      return refuse(fmt::format("--set {}: {}", key, done.error()));
    }
  }
  return {};
}

Result<> Loading::check_tiers() const {
  for (const Tier tier : {Tier::simple, Tier::medium, Tier::complex, Tier::expert}) {
    const auto& options = config_.coordinator.planner.tiers[static_cast<std::size_t>(tier)];
    if (options.members_min <= options.members_max) continue;
    const std::string key = fmt::format("tiers.{}.members_min", to_string(tier));
    const auto origin = config_.origins.find(key);
    return refuse(fmt::format("{}{} is {}, above members_max, which is {}",
                              origin == config_.origins.end() ? "" : origin->second + ": ", key,
                              options.members_min, options.members_max));
  }
  return {};
}

Result<Config> Loading::finish() && {
  if (auto good = check_tiers(); !good) return std::unexpected(good.error());
  const auto is_set = [this](const char* key) { return config_.origins.contains(key); };
  if (!is_set("data_folder")) {
    const std::string folder = xdg_folder(around_, "XDG_DATA_HOME", ".local/share");
    if (folder.empty()) return refuse("there is no home folder; set HOME or KAI_DATA_FOLDER");
    config_.store.folder = folder + "/kai";
  }
  if (config_.store.folder.empty()) return refuse("data_folder is empty; name a folder");
  if (!is_set("models")) config_.fleet.folders = {config_.store.folder + "/models"};
  if (!is_set("ollama_store")) config_.fleet.ollama_store = default_ollama_store(around_);
  if (!is_set("worker")) config_.fleet.worker = default_worker(around_);
  if (!is_set("runtime_folder")) config_.runtime_folder = fmt::format("/tmp/kai-{}", around_.user);
  if (config_.runtime_folder.empty()) return refuse("runtime_folder is empty; name a folder");
  config_.lane.worker = config_.fleet.worker;
  return std::move(config_);
}

}  // namespace

Surroundings own_surroundings() {
  Surroundings around;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    around.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  around.user = ::getuid();
  around.home = value_of(around, "HOME");
  if (!around.home.starts_with('/')) {
    const passwd* user = ::getpwuid(::getuid());
    around.home = user != nullptr && user->pw_dir != nullptr ? user->pw_dir : "";
  }
  std::error_code ignored;
  around.program = fs::read_symlink("/proc/self/exe", ignored).string();
  around.folder = fs::current_path(ignored).string();
  return around;
}

std::vector<std::string> config_files(const Surroundings& around) {
  if (auto named = value_of(around, "KAI_CONFIG"); !named.empty()) {
    return {whole_path(around, named, false).value_or(named)};
  }
  std::vector<std::string> files{std::string(system_file)};
  const std::string folder = xdg_folder(around, "XDG_CONFIG_HOME", ".config");
  if (!folder.empty()) files.push_back(folder + "/kai/kai.toml");
  return files;
}

Result<Config> load_config(const Surroundings& around, std::span<const Flag> flags) {
  Loading loading(around);
  const bool named = !value_of(around, "KAI_CONFIG").empty();
  for (const auto& file : config_files(around)) {
    std::error_code error;
    const bool absent = fs::status(file, error).type() == fs::file_type::not_found;
    if (absent && !named) continue;
    if (auto read = loading.read_file(file); !read) return std::unexpected(read.error());
  }
  if (auto read = loading.read_environment(); !read) return std::unexpected(read.error());
  if (auto read = loading.read_flags(flags); !read) return std::unexpected(read.error());
  return std::move(loading).finish();
}

Result<Config> check_config(const Surroundings& around, const std::string& file) {
  Loading loading(around);
  if (auto read = loading.read_file(file); !read) return std::unexpected(read.error());
  return std::move(loading).finish();
}

std::vector<std::string> changed_keys(const Config& before, const Config& after) {
  std::vector<std::string> keys;
  for (const auto& option : option_table()) {
    if (option.get(before) != option.get(after)) keys.push_back(option.key);
  }
  if (before.fleet.overrides != after.fleet.overrides) keys.emplace_back("member");
  if (before.engines != after.engines) keys.emplace_back("engines");
  return keys;
}

}  // namespace kai
