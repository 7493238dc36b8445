// streams: what members have written so far, while they write. Plain state, no waiting.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "domain/answer.h"
#include "domain/event.h"
#include "domain/plan.h"
#include "domain/verdict.h"

namespace kai {

class Streams {
 public:
  // The member begins; what it wrote in an earlier try is forgotten.
  void begin(const MemberId& member);
  // A piece has come. True: a sentence that may state the answer has just been passed, so that the
  // text is worth reading. Costs nanoseconds; a text grows by at most what a member may write.
  bool add(const MemberId& member, std::string_view piece);
  // Every member that has begun, with what it has written.
  std::vector<std::pair<MemberId, std::string_view>> all() const;
  // Empty: nothing yet.
  std::string_view text_of(const MemberId& member) const;
  // The same as far as it had come when the last sentence was passed.
  std::string_view sentences_of(const MemberId& member) const;

 private:
  struct Stream {
    std::string text;
    std::size_t sentence = 0;  // the end of the last sentence that has a word behind it
    std::size_t scanned = 0;   // up to here no other end was found
    std::size_t readable = 0;  // how far the text had come then
  };
  std::map<MemberId, Stream> streams_;
};

// The anytime answer (R33) to an open question, or of a member that is asked alone: the words of
// the strongest member asked, as it writes them, until it fails or another one turns out to be the
// author.
class Drafting {
 public:
  // Of a new plan: its strongest member writes.
  void begin(std::span<const Ask> asks);
  bool begun() const { return !writers_.empty() || !first_.text.empty(); }
  // `text`: all that `member` has written. What is to be shown; nothing: no news, or not its words.
  std::optional<event::Draft> written(const MemberId& member, std::string_view text);
  // A member's answer says nothing to count: if it was the one that writes, the next one does.
  void fell(const MemberId& member);
  // The verdict's words, where they are not what was shown.
  std::optional<event::Draft> settled(const Verdict& verdict);
  // Whose words were shown first; empty: nobody's.
  const MemberId& first() const { return first_; }

 private:
  std::optional<event::Draft> show(const MemberId& member, std::string_view words);

  std::vector<MemberId> writers_;  // strongest first, the fallen gone
  MemberId first_;
  MemberId shown_by_;
  std::string shown_;
};

}  // namespace kai
