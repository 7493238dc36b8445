// AskedBy: which key has asked a question, so that it may watch, stop and judge it. In memory, of
// the newest questions.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

namespace kai {

class AskedBy {
 public:
  static constexpr std::size_t remembered_max = 4096;

  void note(const std::string& question, const std::string& key) {
    if (!keys_.emplace(question, key).second) return;
    questions_.push_back(question);
    if (questions_.size() <= remembered_max) return;
    keys_.erase(questions_.front());
    questions_.pop_front();
  }
  bool is(const std::string& question, const std::string& key) const {
    const auto found = keys_.find(question);
    return found != keys_.end() && found->second == key;
  }

 private:
  std::unordered_map<std::string, std::string> keys_;  // by question
  std::deque<std::string> questions_;                  // in the order of asking
};

}  // namespace kai
