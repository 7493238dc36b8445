// server_file: where this user's kai server listens, for commands that could use it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "http/http.h"

namespace kai {

// Where a server listens, and what it takes as a key of all scopes while it runs: this user's own
// commands need no other one.
struct ServerPlace {
  http::Address address;
  std::string secret;
};

// Says so in the runtime folder for as long as this lives: a locked file that this user alone may
// read, so that one left behind by a server that was killed is told from one that runs. Of several
// servers the last counts.
class ServerFile {
 public:
  // The runtime folder must be there. Null: it cannot be written, and nobody will find the server.
  static std::unique_ptr<ServerFile> write(const Config& config, const ServerPlace& place);
  ~ServerFile();
  ServerFile(const ServerFile&) = delete;
  ServerFile& operator=(const ServerFile&) = delete;

 private:
  ServerFile(std::string path, int file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  int file_;  // locked
};

// A server that runs with this configuration, as far as it concerns answers; nothing: there is
// none. Looks at one file, and waits for nothing.
std::optional<ServerPlace> running_server(const Config& config);

// What commands show a server: KAI_API_KEY where it is set, else `secret`; neither: nothing.
std::vector<http::Header> shown_key(const std::string& secret);

}  // namespace kai
