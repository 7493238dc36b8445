#include "http/crowd.h"

#include <arpa/inet.h>

#include <algorithm>

namespace kai::http {

namespace {

constexpr int each_least = 8;   // browsers open six
constexpr int share_least = 4;  // so many peers have room beside each other

constexpr std::string_view mapped = "::ffff:";  // IPv4 over a socket of IPv6

std::string network_of(const std::string& peer) {
  in6_addr address{};
  if (peer.starts_with(mapped) || ::inet_pton(AF_INET6, peer.c_str(), &address) != 1) return peer;
  return {reinterpret_cast<const char*>(address.s6_addr), sizeof address.s6_addr / 2};
}

}  // namespace

bool is_this_machine(std::string_view peer) {
  if (peer.starts_with(mapped)) peer.remove_prefix(mapped.size());
  return peer.empty() || peer == "::1" || peer.starts_with("127.");
}

Crowd::Crowd(int connections_max)
    : each_max_(std::max(each_least, connections_max / share_least)) {}

bool Crowd::enter(const std::string& peer) {
  if (is_this_machine(peer)) return true;
  int& here = here_[network_of(peer)];
  if (here >= each_max_) return false;
  ++here;
  return true;
}

void Crowd::leave(const std::string& peer) {
  const auto known = here_.find(network_of(peer));
  if (known != here_.end() && --known->second == 0) here_.erase(known);
}

}  // namespace kai::http
