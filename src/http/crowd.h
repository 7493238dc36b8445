// crowd: how many connections each peer has, so that one of them alone cannot take all. Pure.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace kai::http {

// Of an address as a number, as peer_address() gives it: this machine's own, or no number at all,
// as of a Unix socket.
bool is_this_machine(std::string_view peer);

// Who is on this machine may have all of them: it could harm kai otherwise, and a relay for many
// stands there.
class Crowd {
 public:
  explicit Crowd(int connections_max);

  // Whether it may have one more, which it has then until leave().
  bool enter(const std::string& peer);
  void leave(const std::string& peer);

 private:
  int each_max_;
  std::unordered_map<std::string, int> here_;  // who has none is not in it
};

}  // namespace kai::http
