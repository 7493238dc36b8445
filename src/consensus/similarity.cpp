#include "consensus/similarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "consensus/number.h"
#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr std::size_t side_max = 4000;  // bytes looked at of either end
constexpr std::size_t brief_max = 25;   // content words
// On recorded answers 60 % of the pairs of answers to one question reach this, and fewer than one
// in a hundred of pairs to different questions reach .19.
constexpr double similar_min = 0.25;
// Of embeddings by all-MiniLM-L6-v2 as many of the former reach this.
constexpr double near_min = 0.75;

std::uint64_t hash_of(std::string_view word) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : word) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

// "models", "model" and "modelling" begin alike; six letters tell most other words apart.
std::string_view stem(std::string_view word) {
  constexpr std::size_t stem_size = 6;
  if (word.size() > 3 && word.ends_with('s')) word.remove_suffix(1);
  const bool ascii = std::ranges::all_of(word, [](char c) { return is_letter(c); });
  return ascii ? word.substr(0, stem_size) : word;
}

void sort_unique(std::vector<std::uint64_t>& values) {
  std::ranges::sort(values);
  const auto rest = std::ranges::unique(values);
  values.erase(rest.begin(), rest.end());
}

std::vector<std::uint64_t> content_words(std::string_view text) {
  std::vector<std::uint64_t> words;
  for (const auto word : words_of(text)) {
    if (!is_function_word(word)) words.push_back(hash_of(stem(word)));
  }
  sort_unique(words);
  return words;
}

std::size_t common(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::size_t count = 0;
  for (auto left = a.begin(), right = b.begin(); left != a.end() && right != b.end();) {
    if (*left == *right) {
      ++count;
      ++left;
      ++right;
    } else if (*left < *right) {
      ++left;
    } else {
      ++right;
    }
  }
  return count;
}

}  // namespace

Gist gist_of(std::string_view question, std::string_view answer) {
  Gist gist;
  const std::string raw = bounded(answer, side_max);
  const std::string text = folded(raw);
  gist.words = content_words(text);
  gist.brief = gist.words.size() <= brief_max;
  if (gist.brief) {
    for (auto number = next_number(raw, 0); number; number = next_number(raw, number->end)) {
      gist.numbers.push_back(hash_of(number->value));
    }
    for (const std::uint64_t number : gist.numbers) gist.counting = gist.counting * 31 + number;
    sort_unique(gist.numbers);
    gist.negated = has_any_phrase(text, {"not", "no", "never", "cannot", "cant", "isnt", "doesnt",
                                         "dont", "arent", "wasnt", "false", "neither"});
  }
  const auto asked = content_words(folded(bounded(question, side_max)));
  std::vector<std::uint64_t> own;
  std::ranges::set_difference(gist.words, asked, std::back_inserter(own));
  if (!own.empty()) gist.words = std::move(own);
  return gist;
}

double overlap(const Gist& a, const Gist& b) {
  if (a.words.empty() || b.words.empty()) return a.words == b.words ? 1 : 0;
  const auto shared = static_cast<double>(common(a.words, b.words));
  return shared /
         std::sqrt(static_cast<double>(a.words.size()) * static_cast<double>(b.words.size()));
}

bool are_embedded(const Gist& a, const Gist& b) {
  return !a.embedding.empty() && a.embedding.size() == b.embedding.size();
}

double nearness(const Gist& a, const Gist& b) {
  if (!are_embedded(a, b)) return 0;
  const float sum =
      std::inner_product(a.embedding.begin(), a.embedding.end(), b.embedding.begin(), 0.0F);
  return std::isfinite(sum) ? std::clamp(double{sum}, -1.0, 1.0) : 0;
}

bool is_similar(const Gist& a, const Gist& b) {
  if (a.brief && b.brief) {
    if (a.negated != b.negated) return false;
    const bool both_count = !a.numbers.empty() && !b.numbers.empty();
    if (both_count && common(a.numbers, b.numbers) == 0) return false;
    if (a.numbers == b.numbers && a.counting != b.counting) return false;
  }
  return are_embedded(a, b) ? nearness(a, b) >= near_min : overlap(a, b) >= similar_min;
}

}  // namespace kai::consensus
