#include "bench/load/peers.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

namespace kai::bench {

namespace {

namespace fs = std::filesystem;

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

}  // namespace

std::vector<Peer> installed_peers(const fs::path& folder, std::uint16_t engine) {
  const fs::path peers = KAI_PEERS;
  std::vector<Peer> found;
  if (const auto litellm = peers / "litellm/bin/litellm"; fs::exists(litellm)) {
    const auto config = folder / fmt::format("litellm-{}.yaml", engine);
    std::ofstream(config) << fmt::format(
        "model_list:\n  - model_name: m1\n    litellm_params:\n      model: openai/m1\n"
        "      api_base: http://127.0.0.1:{}/v1\n      api_key: none\n",
        engine);
    const auto port = free_port();
    found.push_back({"LiteLLM",
                     port,
                     {litellm, "--config", config, "--host", "127.0.0.1", "--port",
                      std::to_string(port), "--telemetry", "False"},
                     ""});
  }
  if (const auto portkey = peers / "node_modules/@portkey-ai/gateway/build/start-server.js";
      fs::exists(portkey)) {
    const auto port = free_port();
    found.push_back({"Portkey",
                     port,
                     {peers / "node", portkey, fmt::format("--port={}", port), "--headless"},
                     fmt::format("x-portkey-provider: openai\r\nx-portkey-custom-host: "
                                 "http://127.0.0.1:{}/v1\r\n",
                                 engine)});
  }
  return found;
}

}  // namespace kai::bench
