#include "cli/hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>

#include "base/random.h"
#include "base/task_group.h"
#include "fleet/fleet.h"

namespace kai {

namespace {

Task<bool> look_at(Host& host) {
  co_await host.look(Time::max());
  co_return true;
}

Task<void> look_at_all(Executor executor, const std::vector<std::unique_ptr<Host>>& hosts,
                       Clock& clock) {
  TaskGroup<bool> looks(executor);
  for (const auto& host : hosts) looks.start(look_at(*host));
  while (co_await looks.next(clock, Time::max())) continue;
  co_await looks.join();
}

}  // namespace

Result<std::vector<SeenHost>> look_at_hosts(const Config& config) {
  std::vector<SeenHost> seen;
  for (const auto& engine : config.engines) {
    const bool from_environment = !engine.key_env.empty();
    auto access =
        read_access(engine, from_environment ? std::getenv(engine.key_env.c_str()) : nullptr);
    if (!access) {
      return fail(ErrorCode::invalid_config,
                  fmt::format("engine {}: {}", engine.name, access.error().message));
    }
    seen.push_back({engine, *std::move(access), {}});
  }
  if (seen.empty()) return seen;
  boost::asio::io_context io(1);
  const auto clock = make_real_clock(io.get_executor());
  std::vector<std::unique_ptr<Host>> hosts;
  for (const auto& [engine, access, view] : seen) {
    hosts.push_back(
        std::make_unique<Host>(io.get_executor(), *clock, engine, access, fresh_seed()));
  }
  boost::asio::co_spawn(io, look_at_all(io.get_executor(), hosts, *clock),
                        [](std::exception_ptr error) {
                          if (error) std::rethrow_exception(error);
                        });
  io.run();
  for (std::size_t index = 0; index < seen.size(); ++index) {
    seen[index].view = hosts[index]->view();
  }
  return seen;
}

void add_host_models(std::vector<Model>& models, const FleetOptions& options,
                     const std::string& engine, const Host::View& view) {
  for (auto& model : host_models(engine, view.models, options)) {
    if (std::ranges::count(models, model.id, &Model::id) == 0) models.push_back(std::move(model));
  }
  std::ranges::sort(models, {}, &Model::id);
}

void add_hosts(Fleet& fleet, const FleetOptions& options, const std::vector<SeenHost>& hosts) {
  for (const auto& host : hosts) {
    fleet.devices.push_back(device_of(host.options));
    add_host_models(fleet.models, options, host.options.name, host.view);
  }
}

}  // namespace kai
