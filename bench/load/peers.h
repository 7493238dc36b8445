// peers: gateways of others, where setup/peers.sh has put them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kai::bench {

struct Peer {
  std::string name;
  std::uint16_t port = 0;            // that it will serve at, free a moment ago
  std::vector<std::string> command;  // that starts it
  std::string headers;               // that its requests need, each with its "\r\n"
};

// Set up to pass model m1 on to an OpenAI-compatible engine at `engine`; files they need go to
// `folder`. Nothing: none is installed.
std::vector<Peer> installed_peers(const std::filesystem::path& folder, std::uint16_t engine);

}  // namespace kai::bench
