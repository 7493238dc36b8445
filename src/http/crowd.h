// crowd: how many connections each peer has, so that one of them alone cannot take all. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kai::http {

// Of an address as a number, as peer_address() gives it: a loopback one, or no number at all, as of
// a Unix socket.
bool is_this_machine(std::string_view peer);

// Who is on this machine may have all of them: it could harm kai otherwise, and a relay for many
// stands there.
class Crowd {
 public:
  explicit Crowd(int connections_max);

  // Whether it may have one more, which it has then until leave().
  bool enter(const std::string& peer);
  void leave(const std::string& peer);
  std::size_t peers() const { return here_.size(); }  // that have one

 private:
  int each_max_;
  // By the address, of IPv6 by its first half, since a host mostly has the other to itself; who has
  // none is not in it.
  std::unordered_map<std::string, int> here_;
};

}  // namespace kai::http
