#include "http/crowd.h"

#include <algorithm>

namespace kai::http {

namespace {

constexpr int each_least = 8;   // browsers open six
constexpr int share_least = 4;  // so many peers have room beside each other

}  // namespace

bool is_this_machine(std::string_view peer) {
  constexpr std::string_view mapped = "::ffff:";  // IPv4 over a socket of IPv6
  if (peer.starts_with(mapped)) peer.remove_prefix(mapped.size());
  return peer.empty() || peer == "::1" || peer.starts_with("127.");
}

Crowd::Crowd(int connections_max)
    : each_max_(std::max(each_least, connections_max / share_least)) {}

bool Crowd::enter(const std::string& peer) {
  if (is_this_machine(peer)) return true;
  const auto known = here_.find(peer);
  if (known != here_.end() && known->second >= each_max_) return false;
  ++here_[peer];
  return true;
}

void Crowd::leave(const std::string& peer) {
  const auto known = here_.find(peer);
  if (known != here_.end() && --known->second == 0) here_.erase(known);
}

}  // namespace kai::http
