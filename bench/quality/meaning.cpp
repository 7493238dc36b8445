#include "bench/quality/meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/random.h"
#include "bench/quality/statistics.h"

namespace kai::bench {

namespace {

std::vector<std::size_t> some_of(std::size_t count, std::size_t wanted, std::uint64_t seed) {
  auto chosen = shuffled(count, seed);
  chosen.resize(std::min(count, wanted));
  std::ranges::sort(chosen);
  return chosen;
}

Panel sampled(const Panel& panel, const SampleOptions& sample, std::uint64_t seed) {
  Panel part{.name = panel.name, .voters = {}, .billions = {}, .questions = {}};
  const auto voters =
      some_of(panel.voters.size(), sample.models, derive_seed(seed, "models of a sample"));
  for (const std::size_t voter : voters) part.voters.push_back(panel.voters[voter]);
  const std::size_t wanted = panel.open() ? sample.questions : sample.questions_closed;
  for (const std::size_t number :
       some_of(panel.questions.size(), wanted, derive_seed(seed, "questions of a sample"))) {
    const Question& whole = panel.questions[number];
    Question& question = part.questions.emplace_back();
    question.id = whole.id;
    question.shape = whole.shape;
    question.text = whole.text;
    for (const std::size_t voter : voters) {
      question.answers.push_back(whole.answers[voter]);
      question.heard.push_back(whole.heard[voter]);
      question.scores.push_back(whole.scores[voter]);
      question.ballot.groups.push_back(whole.ballot.groups[voter]);
    }
  }
  return part;
}

std::string_view words_of(const Question& question, std::size_t voter) {
  const Heard& heard = question.heard[voter];
  return std::string_view(question.answers[voter].text).substr(heard.from, heard.size);
}

// Gives each answer its embedding. Gives their number.
Result<std::size_t> embed(Panel& panel, Embeddings& embeddings) {
  std::vector<std::string> texts;
  std::vector<consensus::Gist*> gists;
  for (Question& question : panel.questions) {
    for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
      if (!question.heard[voter].form) continue;
      texts.emplace_back(words_of(question, voter));
      gists.push_back(&question.heard[voter].gist);
    }
  }
  auto vectors = embeddings.of(texts);
  if (!vectors) return std::unexpected(vectors.error());
  for (std::size_t at = 0; at < gists.size(); ++at) {
    gists[at]->embedding = std::move((*vectors)[at]);
  }
  return gists.size();
}

// A closed panel was heard for its forms alone.
void hear_words(Panel& panel) {
  for (Question& question : panel.questions) {
    for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
      question.heard[voter].gist = consensus::gist_of(question.text, words_of(question, voter));
    }
  }
}

Row row(const Panel& panel, const std::string& what, double value, const std::string& unit,
        const std::string& note) {
  return {.what = panel.name + ": " + what, .value = value, .unit = unit, .compared_with = note};
}

std::string between(const Interval& interval) {
  return fmt::format("{:.3f} ({:.3f} .. {:.3f})", interval.value, interval.low, interval.high);
}

Row auroc_row(const Panel& panel, const std::string& what, const Compared& compared,
              const std::string& note = {}) {
  return row(
      panel, what + ", AUROC gained by embeddings", compared.gain.value, "",
      fmt::format("95 % {:+.3f} .. {:+.3f}; words {}, embeddings {}{}", compared.gain.low,
                  compared.gain.high, between(compared.words), between(compared.meaning), note));
}

Row points_row(const Panel& panel, const std::string& what, std::span<const double> values,
               std::span<const double> others, std::uint64_t seed) {
  const auto difference = paired(values, others, seed);
  return row(panel, what, 100 * difference.mean, "points",
             fmt::format("{:.2f} % against {:.2f} %; 95 % {:+.2f} .. {:+.2f}", 100 * mean(values),
                         100 * mean(others), 100 * difference.low, 100 * difference.high));
}

// The score of the answer most like the others.
std::vector<double> most_central(const Panel& panel) {
  std::vector<double> scores;
  for (const Question& question : panel.questions) {
    double best = -2, score = 0;
    for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
      if (!question.heard[voter].form) continue;
      const double likeness = mean_likeness(question, voter);
      if (likeness <= best) continue;
      best = likeness;
      score = question.scores[voter];
    }
    scores.push_back(score);
  }
  return scores;
}

// Whether a measure of the answer given tells that it is a good one: better than the middle.
Row told_row(const Panel& panel, const std::string& what, std::span<const double> scores,
             std::span<const double> by_words, std::span<const double> by_meaning,
             std::uint64_t seed) {
  const double middle = median({scores.begin(), scores.end()});
  std::vector<Scored> scored;
  for (std::size_t at = 0; at < scores.size(); ++at) {
    const bool good = middle >= 1 ? scores[at] >= middle : scores[at] > middle;
    scored.push_back({by_words[at], by_meaning[at], good, at});
  }
  return auroc_row(panel, what, compare_auroc(scored, scores.size(), seed),
                   fmt::format("; correlation with the score: words {}, embeddings {}",
                               between(correlation(by_words, scores, seed)),
                               between(correlation(by_meaning, scores, seed))));
}

// A pair of answers to one question is wanted, one to two questions is not: what a bound for
// "similar" is set by, since nobody judged which open answers say the same.
std::vector<Scored> pairs_across(const Panel& panel) {
  std::vector<Scored> pairs;
  const auto add = [&](const Heard& a, const Heard& b, bool same, std::size_t question) {
    if (!a.form || !b.form) return;
    pairs.push_back(
        {consensus::overlap(a.gist, b.gist), consensus::nearness(a.gist, b.gist), same, question});
  };
  // Neighbours in a source are often of one topic: the other question is half of the panel away.
  const std::size_t half = panel.questions.size() / 2;
  for (std::size_t number = 0; number < panel.questions.size(); ++number) {
    const auto& heard = panel.questions[number].heard;
    const auto& next = panel.questions[(number + half) % panel.questions.size()].heard;
    for (std::size_t a = 0; a < heard.size(); ++a) {
      for (std::size_t b = 0; b < heard.size(); ++b) {
        if (b > a) add(heard[a], heard[b], true, number);
        if (b != a) add(heard[a], next[b], false, number);
      }
    }
  }
  return pairs;
}

Row bound_row(const Panel& panel, const std::vector<Scored>& pairs, const std::string& what,
              double Scored::* score) {
  std::vector<double> others, same;
  for (const Scored& pair : pairs) (pair.wanted ? same : others).push_back(pair.*score);
  if (others.empty() || same.empty()) return row(panel, what, 0, "", "no pairs");
  std::ranges::sort(others);
  const double bound = others[others.size() * 99 / 100];
  const auto above = std::ranges::count_if(same, [&](double each) { return each >= bound; });
  std::ranges::sort(same);
  return row(panel, "bound of \"similar\" by " + what, bound, "",
             fmt::format("reached by 1 in 100 pairs to two questions and {:.0f} % to one; 60 % to "
                         "one reach {:.3f}",
                         100.0 * static_cast<double>(above) / static_cast<double>(same.size()),
                         same[same.size() * 4 / 10]));
}

std::vector<Row> open_meaning(const Panel& words, const Panel& meaning,
                              const TrialOptions& options) {
  std::vector<double> best;
  const std::size_t best_one = best_voter(words, all_questions(words));
  for (const Question& question : words.questions) best.push_back(question.scores[best_one]);
  const auto by_words = choose_open(words, options);
  const auto by_meaning = choose_open(meaning, options);
  const auto seed = options.seed;
  const auto pairs = pairs_across(meaning);
  return {
      points_row(words, "most central by words, to the best single", most_central(words), best,
                 seed),
      points_row(words, "most central by embeddings, to the best single", most_central(meaning),
                 best, seed),
      points_row(words, "choice by words, to the best single", by_words.scores, best, seed),
      points_row(words, "choice by embeddings, to the best single", by_meaning.scores, best, seed),
      points_row(words, "choice by embeddings, to words", by_meaning.scores, by_words.scores, seed),
      told_row(words, "agreement tells a good answer", by_words.plain_score, by_words.agreement,
               by_meaning.agreement, seed),
      told_row(words, "likeness tells a good answer", by_words.plain_score, by_words.likeness,
               by_meaning.likeness, seed),
      bound_row(words, pairs, "words", &Scored::words),
      bound_row(words, pairs, "embeddings", &Scored::meaning),
  };
}

// Of pairs of answers to one question, those of one conclusion against those of two.
std::vector<Row> closed_meaning(const Panel& words, const Panel& meaning,
                                const TrialOptions& options) {
  std::vector<Scored> pairs;
  std::vector<double> similar_words{0, 0}, similar_meaning{0, 0}, count{0, 0};
  std::vector<double> within_words, within_meaning;  // questions with pairs of both kinds
  for (std::size_t number = 0; number < words.questions.size(); ++number) {
    const auto& plain = words.questions[number].heard;
    const auto& heard = meaning.questions[number].heard;
    const std::size_t before = pairs.size();
    for (std::size_t a = 0; a < heard.size(); ++a) {
      for (std::size_t b = a + 1; b < heard.size(); ++b) {
        if (!heard[a].form || !heard[b].form) continue;
        const bool same = *heard[a].form == *heard[b].form;
        pairs.push_back({consensus::overlap(plain[a].gist, plain[b].gist),
                         consensus::nearness(heard[a].gist, heard[b].gist), same, number});
        ++count[same];
        similar_words[same] += consensus::is_similar(plain[a].gist, plain[b].gist);
        similar_meaning[same] += consensus::is_similar(heard[a].gist, heard[b].gist);
      }
    }
    std::vector<Scored> own(pairs.begin() + static_cast<std::ptrdiff_t>(before), pairs.end());
    const auto wanted = std::ranges::count_if(own, &Scored::wanted);
    if (wanted == 0 || wanted == std::ssize(own)) continue;
    for (Scored& pair : own) pair.question = 0;
    const auto alone = compare_auroc(own, 1, options.seed);
    within_words.push_back(alone.words.value);
    within_meaning.push_back(alone.meaning.value);
  }
  const auto share = [&](const std::vector<double>& similar, bool same) {
    return count[same] > 0 ? 100 * similar[same] / count[same] : 0;
  };
  std::vector<Row> rows{
      auroc_row(words, "same conclusion of a pair",
                compare_auroc(pairs, words.questions.size(), options.seed),
                fmt::format("; {} pairs, {:.0f} % same", pairs.size(),
                            100 * count[1] / std::max(count[0] + count[1], 1.0)))};
  if (!within_words.empty()) {
    rows.push_back(points_row(words, "the same within a question, to words", within_meaning,
                              within_words, options.seed));
  }
  rows.push_back(row(words, "pairs of one conclusion called similar by words",
                     share(similar_words, true), "%",
                     fmt::format("of two conclusions: {:.0f} %", share(similar_words, false))));
  rows.push_back(row(words, "the same by embeddings", share(similar_meaning, true), "%",
                     fmt::format("of two conclusions: {:.0f} %", share(similar_meaning, false))));
  return rows;
}

}  // namespace

Result<std::vector<Row>> meaning_rows(const Panel& panel, const TrialOptions& options,
                                      const SampleOptions& sample, Embeddings& embeddings) {
  Panel words = sampled(panel, sample, options.seed);
  if (!panel.open()) hear_words(words);
  Panel meaning = words;
  const auto answers = embed(meaning, embeddings);
  if (!answers) return std::unexpected(answers.error());
  fmt::print("by embeddings: {} answers, of {} of its questions and {} of its models; {} new",
             *answers, words.questions.size(), words.voters.size(), embeddings.made());
  if (embeddings.made() > 0) {
    fmt::print(", {:.0f} ms each",
               1e3 * embeddings.seconds() / static_cast<double>(embeddings.made()));
  }
  fmt::print("\n");
  return panel.open() ? open_meaning(words, meaning, options)
                      : closed_meaning(words, meaning, options);
}

}  // namespace kai::bench
