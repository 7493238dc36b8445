// HostOptions: one [[engines]] table: an engine of others that answers over HTTP.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "base/result.h"
#include "domain/model.h"
#include "http/trust.h"
#include "wire/host_api.h"

namespace kai {

struct HostOptions {
  std::string name;  // of its device, and before its models' names: [a-z][a-z0-9_-]{0,31}
  wire::HostKind kind = wire::HostKind::openai;
  // By set_address().
  std::string host;        // a number or a name
  std::uint16_t port = 0;  // 1..
  bool tls = false;        // https
  std::string base;        // before the protocol's own paths: "/v1", or nothing
  // Where its key is, if it wants one: an environment variable, or a file that only its owner may
  // read. Never both.
  std::string key_env, key_file;
  // Of https: the authorities that alone may have signed its certificate, PEM; empty: this
  // machine's.
  std::string ca_file;
  std::vector<std::string> models;  // as the host calls them; none: all that it lists
  int at_once = 4;                  // questions that it answers at once, 1..64
  // For its name, its connection, a list of its models; 100 ms..30 s.
  Duration reach_max = std::chrono::seconds(2);
  // Between two signs of an answer that has begun: hung. 1 s..10 min.
  Duration silence_max = std::chrono::seconds(20);
  // Between two looks at whether it is there, 1 s..1 h; and at one that has not begun to answer.
  Duration look_every = std::chrono::seconds(10);
  Duration look_waiting = std::chrono::seconds(4);
  int tries = 3;  // at most, of one answer of which nothing has come yet; 1..10
  Duration try_again = std::chrono::milliseconds(200);  // before the second; doubles, with chance
  // Of Ollama: what each model's context is made for, 256..1048576, and how long one that nobody
  // asks stays loaded there, 0 s..24 h.
  Tokens context{4096};
  Duration keep = std::chrono::minutes(5);

  bool operator==(const HostOptions&) const = default;
};

// "http://127.0.0.1:8000", "https://gpu-box:8000/v1": a scheme, a number or a name, a port if it is
// not the scheme's own, a path if it is not the protocol's usual one. Errors: invalid_config, what
// is wrong with it, without the table's name.
Result<> set_address(HostOptions& options, std::string_view address);
std::string address_of(const HostOptions& options);  // "http://gpu-box:8000/v1"

// What it is shown with each request, and whose word counts that it is who its name says.
struct HostAccess {
  std::string key;                   // empty: it needs none
  std::optional<http::Trust> trust;  // of https
};

// Errors: invalid_config, as read_key(), and a ca_file that cannot be read.
Result<HostAccess> read_access(const HostOptions& options, const char* environment);

// The key, or empty where it needs none. `environment`: its value of a variable, or null. Errors:
// invalid_config; the message never holds the key.
Result<std::string> read_key(const HostOptions& options, const char* environment);

// The host as a device.
Device device_of(const HostOptions& options);

}  // namespace kai
