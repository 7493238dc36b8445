#include "fleet/naming.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>

namespace kai {

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t id_max = 64;

// Who made or packed a file, not what it is.
constexpr auto makers = std::to_array<std::string_view>(
    {"01", "ai", "bartowski", "c4ai", "google", "huggingfacetb", "ibm", "lmstudio", "meta",
     "microsoft", "mistralai", "nvidia", "thebloke", "tiiuae", "unsloth"});
// Names that say nothing of the model.
constexpr auto empty_words = std::to_array<std::string_view>(
    {"ggml", "gguf", "main", "model", "models", "sha256", "unknown", "untitled"});
// What nearly every file that answers says, so that Ollama's names leave it out.
constexpr auto usual_words =
    std::to_array<std::string_view>({"chat", "gguf", "hf", "instruct", "it", "latest"});
constexpr auto quantisation_tails = std::to_array<std::string_view>(
    {"0", "1", "4", "8", "imat", "k", "l", "m", "moe", "nl", "s", "xl", "xs", "xxl", "xxs"});
constexpr auto quantisation_heads = std::to_array<std::string_view>(
    {"bf16", "f16", "f32", "fp16", "fp32", "fp8", "mxfp4", "nvfp4"});

bool one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

// The count of digits, dots between them included, at the beginning of `text`.
std::size_t number_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && (is_digit(text[at]) || (text[at] == '.' && at > 0))) ++at;
  while (at > 0 && text[at - 1] == '.') --at;
  return at;
}

// "135m", "1.1b", "8x7b", "e4b".
bool is_size(std::string_view word) {
  if (word.starts_with('e')) word.remove_prefix(1);
  const std::size_t digits = number_length(word);
  if (digits == 0) return false;
  word.remove_prefix(digits);
  if (word.starts_with('x')) {
    word.remove_prefix(1);
    const std::size_t more = number_length(word);
    if (more == 0) return false;
    word.remove_prefix(more);
  }
  return word == "b" || word == "m";
}

// "v0.2", "4k", "2407", "08": versions of a file and lengths of a context, not a model's name.
bool is_edition(std::string_view word) {
  if (word.size() >= 2 && word[0] == 'v' && is_digit(word[1])) return true;
  const std::size_t digits = number_length(word);
  if (digits == 0) return false;
  if (word.substr(digits) == "k") return true;
  return digits == word.size() && (word[0] == '0' || word.size() >= 4) && !word.contains('.');
}

bool is_quantisation_head(std::string_view word) {
  if (one_of(quantisation_heads, word)) return true;
  if (word.starts_with('i') || word.starts_with('t')) word.remove_prefix(1);
  return word.size() == 2 && word[0] == 'q' && is_digit(word[1]);
}

// Lower-case words of a file's name; a dot belongs to a word only between digits.
Words words_of(std::string_view name) {
  Words words;
  std::string word;
  for (std::size_t at = 0; at <= name.size(); ++at) {
    const char c = at < name.size() ? lower(name[at]) : '-';
    const bool inner_dot = c == '.' && at > 0 && at + 1 < name.size() && is_digit(name[at - 1]) &&
                           is_digit(name[at + 1]);
    if (is_letter(c) || is_digit(c) || inner_dot) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

// Takes "q4_k_m" out, with "ud" or "i1" before it. The first word is never one.
void drop_quantisation(Words& words) {
  auto head = words.begin();
  while (head != words.end() && (head == words.begin() || !is_quantisation_head(*head))) ++head;
  if (head == words.end()) return;
  auto end = head + 1;
  while (end != words.end() && one_of(quantisation_tails, *end)) ++end;
  if (head - words.begin() > 1 && (head[-1] == "ud" || head[-1] == "i1")) --head;
  words.erase(head, end);
}

void drop_maker(Words& words) {
  while (words.size() > 1 && (one_of(makers, words[0]) || words[1].starts_with(words[0]))) {
    words.erase(words.begin());
  }
}

struct Parts {
  std::string family;
  std::string size;
  std::vector<std::string> rest;
};

void add_to_family(std::string& family, const std::string& word) {
  // "gemma", "3" is gemma3; but "r1", "2" stays r1-2.
  const bool version = is_digit(word[0]) && !family.empty() && is_letter(family.back());
  if (!family.empty() && !version) family += '-';
  family += word;
}

Parts parts_of(std::string_view name) {
  Words words = words_of(name);
  drop_quantisation(words);
  drop_maker(words);
  const bool phi = !words.empty() && words[0].starts_with("phi");
  Parts parts;
  bool instruct = false;
  for (const auto& word : words) {
    if (word == "instruct") instruct = true;
    if (one_of(usual_words, word) || is_edition(word)) continue;
    // Ollama tells Phi's by their parameters.
    if (phi && (word == "mini" || word == "small" || word == "medium")) continue;
    if (parts.size.empty() && is_size(word)) {
      parts.size = word;
    } else if (parts.size.empty() || parts.family.empty()) {
      if (!one_of(empty_words, word)) add_to_family(parts.family, word);
    } else {
      parts.rest.push_back(word);
    }
  }
  if (parts.family == "qwen1.5") parts.family = "qwen";
  // The one of Ollama's names that people write with it.
  if (parts.family == "mistral" && instruct) parts.rest.insert(parts.rest.begin(), "instruct");
  return parts;
}

// "sha256-…" and other names that only a machine gave.
bool says_nothing(const Parts& parts) {
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  return parts.family.empty() ||
         (parts.family.size() >= 16 && std::ranges::all_of(parts.family, is_hex));
}

std::string size_of(std::int64_t parameters) {
  if (parameters <= 0) return {};
  const double millions = static_cast<double>(parameters) / 1e6;
  if (millions < 999.5) return fmt::format("{:.0f}m", std::max(1.0, millions));
  const double billions = millions / 1e3;
  const std::string text = fmt::format("{:.1f}", billions);
  if (billions >= 9.95 || text.ends_with(".0")) return fmt::format("{:.0f}b", billions);
  return text + "b";
}

std::string_view stem_of(std::string_view file_name) {
  if (file_name.size() > 5 && lowered(file_name.substr(file_name.size() - 5)) == ".gguf") {
    file_name.remove_suffix(5);
  }
  return file_name;
}

// "Q4_K - Medium" as file names have it: "q4_k_m".
std::string short_quantisation(std::string_view text) {
  std::string out = lowered(text);
  for (const std::string_view beginning : {"(guessed) ", "all ", "mostly "}) {
    if (out.starts_with(beginning)) out.erase(0, beginning.size());
  }
  const std::size_t dash = out.find(" - ");
  if (dash != std::string::npos) {
    const char kind = out[dash + 3];
    out.erase(dash);
    if (kind == 's' || kind == 'm' || kind == 'l') out = out + '_' + kind;
  }
  return out;
}

std::string with_suffix(const std::string& id, const std::string& suffix) {
  return clean_id(id.substr(0, id_max - std::min(id_max, suffix.size() + 1)) + '-' + suffix);
}

std::map<std::string, int> counted(std::span<const std::string> ids) {
  std::map<std::string, int> counts;
  for (const auto& id : ids) ++counts[id];
  return counts;
}

}  // namespace

std::string model_name(std::string_view file_name, const ModelFacts& facts) {
  Parts parts = parts_of(stem_of(file_name));
  if (says_nothing(parts)) parts = parts_of(facts.name);
  if (says_nothing(parts)) parts.family = facts.architecture;
  if (parts.size.empty()) parts.size = size_of(facts.parameters);
  std::string id = parts.family;
  char separator = ':';
  if (!parts.size.empty()) id += std::exchange(separator, '-') + parts.size;
  for (const auto& word : parts.rest) id += std::exchange(separator, '-') + word;
  return clean_id(id);
}

std::string clean_id(std::string_view text) {
  std::string id;
  bool tagged = false;
  for (const char raw : text) {
    const char c = lower(raw);
    const bool word = is_letter(c) || is_digit(c);
    // Separators only between words, one at a time, and one colon in all.
    const bool separator = c == '.' || c == '_' || c == '-' || (c == ':' && !tagged);
    if (word) {
      id += c;
    } else if (!id.empty() && (is_letter(id.back()) || is_digit(id.back()))) {
      id += separator ? c : '-';
      tagged = tagged || c == ':';
    }
    if (id.size() == id_max) break;
  }
  while (!id.empty() && !is_letter(id.back()) && !is_digit(id.back())) id.pop_back();
  if (id.empty()) id = "model";
  if (id == "kai" || id.starts_with("kai:")) id = clean_id("my-" + id);
  return id;
}

std::vector<ModelId> distinct_ids(std::span<const Named> models) {
  std::vector<std::string> ids;
  for (const auto& model : models) ids.push_back(clean_id(model.name));
  const auto names = counted(ids);
  for (std::size_t index = 0; index < ids.size(); ++index) {
    const std::string quantisation = short_quantisation(models[index].quantisation);
    if (names.at(ids[index]) > 1 && !quantisation.empty()) {
      ids[index] = with_suffix(ids[index], quantisation);
    }
  }
  const auto longer = counted(ids);
  std::set<std::string> taken;
  for (const auto& [id, count] : longer) taken.insert(id);
  std::vector<std::size_t> by_path(ids.size());
  std::iota(by_path.begin(), by_path.end(), 0);
  std::ranges::sort(by_path, {}, [&](std::size_t index) { return models[index].path; });
  std::map<std::string, int> seen;
  for (const std::size_t index : by_path) {
    int number = ++seen[ids[index]];
    if (number == 1) continue;
    std::string id = with_suffix(ids[index], std::to_string(number));
    while (taken.contains(id)) id = with_suffix(ids[index], std::to_string(++number));
    seen[ids[index]] = number;
    taken.insert(id);
    ids[index] = id;
  }
  std::vector<ModelId> distinct;
  for (auto& id : ids) distinct.emplace_back(std::move(id));
  return distinct;
}

std::int64_t parameters_in(std::string_view id) {
  for (const auto& word : words_of(id)) {
    if (!is_size(word)) continue;
    std::string_view rest = word;
    if (rest.starts_with('e')) rest.remove_prefix(1);
    double size = 1;
    for (bool more = true; more;) {
      const std::size_t digits = number_length(rest);
      size *= std::strtod(std::string(rest.substr(0, digits)).c_str(), nullptr);
      rest.remove_prefix(digits);
      more = rest.starts_with('x');
      if (more) rest.remove_prefix(1);
    }
    return std::llround(std::min(size, 1e6) * (rest == "b" ? 1e9 : 1e6));
  }
  return 0;
}

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last '*' passed …
  std::size_t resume = 0;                     // … and the text tried after it
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace kai
