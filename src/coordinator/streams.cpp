#include "coordinator/streams.h"

#include <algorithm>
#include <vector>

#include "consensus/consensus.h"

namespace kai {

namespace {

// Where the last sentence ends that has something behind it; 0: nowhere. Behind a full stop a
// number may go on: "9." and then "11".
std::size_t last_sentence_end(std::string_view text, std::size_t from) {
  for (std::size_t at = text.size(); at-- > from + 1;) {
    const char behind = text[at];
    switch (text[at - 1]) {
      case '\n':
      case '}':
      case '"': return at;
      case '.':
        if (behind == ' ' || behind == '\n' || behind == '"' || behind == '*') return at;
        break;
      default: break;
    }
  }
  return 0;
}

// Every statement of an answer holds one of these.
bool may_state(std::string_view text) {
  return text.contains("nswer") || text.contains("NSWER") || text.contains("####");
}

}  // namespace

void Streams::begin(const MemberId& member) {
  streams_.insert_or_assign(member, Stream{});
}

bool Streams::add(const MemberId& member, std::string_view piece) {
  Stream& stream = streams_[member];
  stream.text += piece;
  // Only what has a word behind it is over for certain.
  const std::size_t words = stream.text.find_last_not_of(" \t\n");
  if (words == std::string::npos) return false;
  const std::size_t from_piece = std::max(stream.sentence, stream.scanned);
  stream.scanned = words;
  const std::size_t end =
      last_sentence_end(std::string_view(stream.text).substr(0, words + 1), from_piece);
  if (end == 0) return false;
  // The cue may stand a line above its value.
  constexpr std::size_t cue_reach = 64;
  const std::size_t from = stream.sentence < cue_reach ? 0 : stream.sentence - cue_reach;
  stream.sentence = end;
  stream.readable = words + 1;
  return may_state(std::string_view(stream.text).substr(from, end - from));
}

std::vector<std::pair<MemberId, std::string_view>> Streams::all() const {
  std::vector<std::pair<MemberId, std::string_view>> all;
  for (const auto& [member, stream] : streams_) all.emplace_back(member, stream.text);
  return all;
}

std::string_view Streams::text_of(const MemberId& member) const {
  const auto found = streams_.find(member);
  return found == streams_.end() ? std::string_view() : found->second.text;
}

std::string_view Streams::sentences_of(const MemberId& member) const {
  const auto found = streams_.find(member);
  if (found == streams_.end()) return {};
  return std::string_view(found->second.text).substr(0, found->second.readable);
}

void Drafting::begin(std::span<const Ask> asks) {
  std::vector<std::pair<double, std::size_t>> strongest;
  for (std::size_t at = 0; at < asks.size(); ++at) strongest.emplace_back(-asks[at].weight, at);
  std::ranges::sort(strongest);
  writers_.clear();
  for (const auto& [weight, at] : strongest) writers_.push_back(asks[at].member);
}

std::optional<event::Draft> Drafting::written(const MemberId& member, std::string_view text) {
  if (writers_.empty() || member != writers_.front()) return std::nullopt;
  return show(member, spoken_part(text));
}

void Drafting::fell(const MemberId& member) {
  std::erase(writers_, member);
}

std::optional<event::Draft> Drafting::settled(const Verdict& verdict) {
  if (verdict.author.text.empty()) return std::nullopt;
  return show(verdict.author, verdict.text);
}

std::optional<event::Draft> Drafting::show(const MemberId& member, std::string_view words) {
  if (words.empty()) return std::nullopt;
  const bool goes_on = member == shown_by_ && words.starts_with(shown_);
  if (goes_on && words.size() == shown_.size()) return std::nullopt;
  event::Draft draft{member, std::string(goes_on ? words.substr(shown_.size()) : words),
                     !goes_on && !shown_.empty()};
  if (first_.text.empty()) first_ = member;
  shown_by_ = member;
  shown_ = words;
  return draft;
}

}  // namespace kai
