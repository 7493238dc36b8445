// keys: who may use a server.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>

#include "api/gate.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "keys/key_file.h"
#include "wire/access.h"

namespace kai {

namespace {

WallTime now() {
  boost::asio::io_context io;
  return std::chrono::floor<std::chrono::seconds>(make_real_clock(io.get_executor())->wall());
}

std::string day_of(WallTime time) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(
                                        std::chrono::floor<std::chrono::seconds>(time))));
}

std::string limit_of(int number, std::string_view unit) {
  return number == 0 ? "any" : fmt::format("{}{}", number, unit);
}

}  // namespace

int create_key(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const std::string path = key_file_in(config.store.folder);
  const auto before = read_keys(path);
  const KeyOptions& options = invocation.keys;
  const std::string secret = new_secret();
  Key key{invocation.argument,
          hash_of(secret),
          options.scopes,
          options.rate,
          options.at_once,
          now(),
          {}};
  if (options.lifetime) key.expires = key.created + *options.lifetime;
  if (const auto added = add_key(path, key); !added) return tell_error(added.error(), terminal);
  terminal.out(secret);
  terminal.err(fmt::format("kai: that is the key {}, with the scopes {}; it is shown this once",
                           key.name, to_string(key.scopes)));
  if (before && before->empty()) {
    terminal.err("kai: from now on `kai serve` of this data folder answers nobody without a key");
  }
  return exit_status::ok;
}

int list_keys(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto keys = read_keys(key_file_in(config.store.folder));
  if (!keys) return tell_error(keys.error(), terminal);
  if (invocation.json) {
    for (const Key& key : *keys) terminal.out(wire::encode_key(listed(key, now())));
    return exit_status::ok;
  }
  if (keys->empty()) {
    terminal.err("kai: there is no key; `kai serve` answers everyone on this machine");
    return exit_status::ok;
  }
  constexpr const char* row = "{:<20} {:<16} {:>12} {:>8}  {:<10}  {}";
  terminal.out(fmt::format(row, "NAME", "SCOPES", "RATE", "AT ONCE", "MADE", "EXPIRES"));
  for (const Key& key : *keys) {
    const std::string expires = !key.expires ? "never" : day_of(*key.expires);
    terminal.out(fmt::format(row, key.name, to_string(key.scopes), limit_of(key.rate_max, "/min"),
                             limit_of(key.at_once_max, ""), day_of(key.created),
                             expires + (key.expired(now()) ? " (expired)" : "")));
  }
  return exit_status::ok;
}

int revoke_key(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto left = remove_key(key_file_in(config.store.folder), invocation.argument);
  if (!left) return tell_error(left.error(), terminal);
  terminal.err(
      fmt::format("kai: the key {} does not count any more; a running server knows it "
                  "within a second",
                  invocation.argument));
  if (*left == 0) {
    terminal.err(
        "kai: that was the last one; a server started from now on answers everyone on "
        "this machine");
  }
  return exit_status::ok;
}

}  // namespace kai
