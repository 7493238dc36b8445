#include "engines/host_options.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "http/url.h"

namespace kai {

namespace {

constexpr std::int64_t key_max = 4096;  // bytes of its file

// What may stand in a header.
bool fits_a_header(std::string_view key) {
  return std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f; });
}

std::unexpected<Error> wrong(std::string message) {
  return fail(ErrorCode::invalid_config, std::move(message));
}

// Errors: invalid_config.
Result<std::string> read_key_file(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_size > key_max) {
    return wrong(fmt::format("key_file {} is no file of at most {} bytes", path, key_max));
  }
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return wrong(fmt::format("key_file {0} can be read by others; run `chmod 600 {0}`", path));
  }
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return wrong(fmt::format("key_file {} cannot be read", path));
  const auto end = text.find_last_not_of(" \t\r\n");
  text.resize(end == std::string::npos ? 0 : end + 1);
  return text;
}

}  // namespace

Result<> set_address(HostOptions& options, std::string_view address) {
  const auto read = http::parse_url(address);
  if (!read) {
    return wrong("address is no address such as \"http://127.0.0.1:8000/v1\"");
  }
  if (read->scheme != "http" && read->scheme != "https") {
    return wrong("address must begin with http:// or https://");
  }
  if (read->user) {
    return wrong("address holds a user or password; name a key with key_env or key_file");
  }
  if (read->query || read->fragment) return wrong("address holds a ? or #");
  if (read->host.empty()) return wrong("address names no host");
  if (!read->port) return wrong("address has no port of 1..65535");
  options.tls = read->scheme == "https";
  options.host = read->host;
  options.port = *read->port;
  std::string path = read->target;
  while (path.ends_with('/')) path.pop_back();
  options.base = path.empty() && options.kind == wire::HostKind::openai ? "/v1" : path;
  return {};
}

std::string address_of(const HostOptions& options) {
  const bool six = options.host.contains(':');
  return fmt::format("{}://{}{}{}:{}{}", options.tls ? "https" : "http", six ? "[" : "",
                     options.host, six ? "]" : "", options.port, options.base);
}

Result<std::string> read_key(const HostOptions& options, const char* environment) {
  std::string key;
  if (!options.key_env.empty()) {
    if (environment == nullptr || *environment == '\0') {
      return wrong(fmt::format("key_env: {} is not set in the environment", options.key_env));
    }
    key = environment;
  } else if (!options.key_file.empty()) {
    auto read = read_key_file(options.key_file);
    if (!read) return read;
    if (read->empty()) return wrong(fmt::format("key_file {} is empty", options.key_file));
    key = *std::move(read);
  }
  if (!fits_a_header(key)) return wrong("its key holds characters that no key has");
  return key;
}

Result<HostAccess> read_access(const HostOptions& options, const char* environment) {
  auto key = read_key(options, environment);
  if (!key) return std::unexpected(key.error());
  HostAccess access{*std::move(key), std::nullopt};
  if (!options.tls) return access;
  auto trust = http::Trust::of(options.ca_file);
  if (!trust) return std::unexpected(trust.error());
  access.trust = *std::move(trust);
  return access;
}

Device device_of(const HostOptions& options) {
  Device device;
  device.id = DeviceId(options.name);
  device.kind = DeviceKind::remote;
  device.name = fmt::format("{} at {}", wire::to_string(options.kind), address_of(options));
  device.lanes = device.running = options.at_once;
  return device;
}

}  // namespace kai
