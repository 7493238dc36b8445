#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/ensure.h"
#include "consensus/consensus.h"
#include "consensus/forms.h"
#include "consensus/similarity.h"
#include "consensus/spoken.h"
#include "consensus/statement.h"
#include "consensus/text.h"
#include "consensus/voices.h"

namespace kai {

namespace {

using consensus::Trial;
using consensus::trial_of;
using consensus::Voice;

// Of a text still being written, what is looked at of either end, in bytes.
constexpr std::size_t stated_side_max = 2000;

// Voices that say one thing, strongest first.
struct Camp {
  Trial trial = Trial::unknown;  // of each of them
  std::string form;              // of its strongest
  std::string key;               // what they have in common
  std::vector<const Voice*> voices;
  std::size_t rank = 0;  // of its strongest voice: breaks ties
  double weight = 0;
};

struct Speakers {
  std::vector<Voice> voices;        // that say something, strongest first
  std::vector<const Heard*> heard;  // of each
  std::vector<MemberId> silent;     // answered, but said nothing to count
};

bool is_cut(Ending ending) {
  return ending != Ending::complete;
}

// A cancelled or timed-out member that had not begun did not abstain: it was not heard.
bool abstains(const Answer& answer) {
  if (answer.ending == Ending::cancelled) return false;
  return answer.ending != Ending::deadline || !consensus::trimmed(answer.text).empty();
}

Speakers speakers_of(std::vector<Voice> voices, std::span<const Heard> heard) {
  Speakers speakers;
  for (const Voice& voice : voices) {
    const Heard& said = heard[voice.place];
    if (said.form) {
      speakers.voices.push_back(voice);
      speakers.heard.push_back(&said);
    } else if (abstains(*voice.answer)) {
      speakers.silent.push_back(voice.answer->member);
    }
  }
  return speakers;
}

// The answer most to the taste first; those behind it keep their order of strength among equals.
void sort_by_taste(Speakers& speakers, std::span<const OpenSigns> signs, const Taste& taste) {
  std::vector<std::pair<double, std::size_t>> ranks;
  for (std::size_t at = 0; at < speakers.voices.size(); ++at) {
    const Voice& voice = speakers.voices[at];
    const OpenSigns& sign = signs[voice.place];
    const double merit =
        voice.weight + taste.centrality * sign.centrality + taste.length * sign.length;
    ranks.emplace_back(std::isfinite(merit) ? -merit : 0, at);
  }
  std::ranges::sort(ranks);
  Speakers sorted{.voices = {}, .heard = {}, .silent = std::move(speakers.silent)};
  for (const auto& [rank, at] : ranks) {
    sorted.voices.push_back(speakers.voices[at]);
    sorted.heard.push_back(speakers.heard[at]);
  }
  speakers = std::move(sorted);
}

void weigh(Camp& camp) {
  consensus::Tally tally;
  for (const Voice* voice : camp.voices) tally.add(voice->answer->model, voice->weight);
  camp.weight = tally.sum();
}

// What passed its question's examples stands before what was not run, that before what failed.
void sort_by_weight(std::span<Camp> camps) {
  std::ranges::sort(camps, {}, [](const Camp& camp) {
    return std::tuple(-static_cast<int>(camp.trial), -camp.weight, camp.rank);
  });
}

// Equal forms together, the heaviest camp first. Code that passed its question's examples is equal
// where it does the same on further inputs.
std::vector<Camp> by_form(Shape shape, const Speakers& speakers) {
  std::vector<Camp> camps;
  for (std::size_t at = 0; at < speakers.voices.size(); ++at) {
    const Answer& answer = *speakers.voices[at].answer;
    const std::string& form = *speakers.heard[at]->form;
    const Trial trial = shape == Shape::code ? trial_of(answer) : Trial::unknown;
    const bool known = trial == Trial::passed && !answer.run->outputs.empty();
    const std::string key = known ? "outputs " + answer.run->outputs : form;
    auto camp = std::ranges::find_if(
        camps, [&](const Camp& one) { return one.trial == trial && one.key == key; });
    if (camp == camps.end()) {
      camp =
          camps.insert(camp, {.trial = trial, .form = form, .key = key, .voices = {}, .rank = at});
    }
    camp->voices.push_back(&speakers.voices[at]);
  }
  std::ranges::for_each(camps, weigh);
  sort_by_weight(camps);
  return camps;
}

// Similar answers together. Each camp is what resembles its strongest voice; the strongest voice
// of all gives the answer, so its camp stays first whatever the others weigh: choosing by
// centrality did not beat the best model reliably on recorded answers.
std::vector<Camp> by_similarity(const Speakers& speakers, std::size_t form_chars_max) {
  std::vector<Camp> camps;
  std::vector<const consensus::Gist*> leaders;
  for (std::size_t at = 0; at < speakers.voices.size(); ++at) {
    const Heard& said = *speakers.heard[at];
    const auto same = std::ranges::find_if(
        leaders, [&](const auto* leader) { return consensus::is_similar(*leader, said.gist); });
    const auto place = static_cast<std::size_t>(same - leaders.begin());
    if (same == leaders.end()) {
      leaders.push_back(&said.gist);
      camps.push_back({.form = consensus::shortened(*said.form, form_chars_max),
                       .key = {},
                       .voices = {},
                       .rank = at});
    }
    camps[place].voices.push_back(&speakers.voices[at]);
  }
  std::ranges::for_each(camps, weigh);
  if (!camps.empty()) sort_by_weight(std::span(camps).subspan(1));
  return camps;
}

Group group_of(const Camp& camp) {
  auto voices = camp.voices;
  std::ranges::sort(voices, {}, [](const Voice* voice) { return voice->place; });
  Group group{.answer = camp.form, .members = {}, .weight = camp.weight};
  for (const Voice* voice : voices) group.members.push_back(voice->answer->member);
  return group;
}

std::string_view words_of(const Voice& voice, std::span<const Heard> heard) {
  const std::string_view text = voice.answer->text;
  const Heard& said = heard[voice.place];
  return text.substr(std::min(said.from, text.size()), said.size);
}

// The running of code decided where the winner passed, or others failed and it did not.
bool tests_decided(const std::vector<Camp>& camps) {
  return camps.front().trial == Trial::passed || camps.front().trial != camps.back().trial;
}

std::string_view method_of(Shape shape, int voters, const std::vector<Camp>& camps) {
  if (tests_decided(camps)) return "tests";
  if (voters == 1) return "single";
  return shape == Shape::open ? "best_member" : "vote";
}

}  // namespace

Heard hear(Shape shape, std::string_view question, const Answer& answer) {
  Heard heard;
  if (answer.ending == Ending::failed) return heard;
  // What a cancelled member would have written is not known; half an essay is no opinion.
  if (shape == Shape::open && answer.ending == Ending::cancelled) return heard;
  if (answer.document) {
    heard.size = answer.text.size();
    if (!answer.document->empty()) heard.form = answer.document;
    return heard;
  }
  heard.form = consensus::form_of(shape, question, answer.text, is_cut(answer.ending));
  const std::string_view words = consensus::spoken(answer.text);
  heard.size = words.size();
  heard.from = words.empty() ? 0 : static_cast<std::size_t>(words.data() - answer.text.data());
  if (heard.form && shape == Shape::open) heard.gist = consensus::gist_of(question, words);
  return heard;
}

std::string_view spoken_part(std::string_view written) {
  return consensus::spoken(written);
}

bool states_answer(Shape shape, std::string_view written) {
  if (shape == Shape::open || shape == Shape::code) return false;
  const std::string text =
      consensus::plain(consensus::bounded(consensus::spoken(written), stated_side_max));
  const auto found = consensus::statements(text);
  if (found.empty() || !found.front().ended) return false;
  switch (found.front().cue) {
    case consensus::Cue::json:
    case consensus::Cue::hashes: return true;
    // A short fact reads like any sentence: "the answer is what the loop leaves" states nothing.
    case consensus::Cue::words: return shape != Shape::short_text;
    case consensus::Cue::boxed: return false;
  }
  return false;
}

Verdict decide(Shape shape, std::span<const Ask> asks, std::span<const Answer> answers,
               std::span<const Heard> heard, const ConsensusOptions& options,
               const Learned& learned) {
  ensure(heard.size() == answers.size(), "decide() needs what each answer says");
  Verdict verdict;
  verdict.shape = shape;
  Speakers speakers = speakers_of(consensus::voices_of(asks, answers), heard);
  if (shape == Shape::open && learned.taste != Taste{}) {
    sort_by_taste(speakers, open_signs(answers, heard), learned.taste);
  }
  verdict.abstained = std::move(speakers.silent);
  if (speakers.voices.empty()) return verdict;

  const auto chars_max = static_cast<std::size_t>(std::max(options.dissent_chars_max, 1));
  const auto camps =
      shape == Shape::open ? by_similarity(speakers, chars_max) : by_form(shape, speakers);
  for (const Camp& camp : camps) verdict.groups.push_back(group_of(camp));

  const Camp& winner = camps.front();
  const Answer& author = *winner.voices.front()->answer;
  verdict.text = words_of(*winner.voices.front(), heard);
  verdict.author = author.member;
  verdict.voters = static_cast<int>(speakers.voices.size());
  verdict.agreeing = static_cast<int>(winner.voices.size());
  verdict.agreement = static_cast<double>(verdict.agreeing) / verdict.voters;
  verdict.method = method_of(shape, verdict.voters, camps);
  for (auto camp = camps.begin() + 1; camp != camps.end(); ++camp) {
    for (const Voice* voice : camp->voices) {
      auto words = consensus::shortened(words_of(*voice, heard), chars_max);
      // In front, since who shows it may cut it once more.
      if (camp->trial == Trial::failed) words = "fails " + voice->answer->run->why + " · " + words;
      verdict.dissent.push_back({voice->answer->member, words});
    }
  }
  // The curve was fitted to votes: it says nothing of what tests decided.
  if (learned.confidence.labels > 0 && verdict.method != "tests") {
    // Six decimals, so that a document reads back the very same number.
    const double sure = chance(learned.confidence.right, standing(race_of(verdict, asks, answers)));
    verdict.confidence = std::round(sure * 1e6) / 1e6;
  }
  return verdict;
}

Verdict decide(Shape shape, std::string_view question, std::span<const Ask> asks,
               std::span<const Answer> answers, const ConsensusOptions& options,
               const Learned& learned) {
  std::vector<Heard> heard;
  heard.reserve(answers.size());
  for (const Answer& answer : answers) heard.push_back(hear(shape, question, answer));
  return decide(shape, asks, answers, heard, options, learned);
}

}  // namespace kai
