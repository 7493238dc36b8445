#include "cli/running_models.h"

#include <algorithm>

namespace kai {

std::vector<wire::ollama::Running> running_models(Session& session, Duration idle_unload) {
  std::vector<wire::ollama::Running> list;
  const Fleet& fleet = session.fleet();
  const Clock& clock = session.clock();
  const Duration usual = idle_unload == Duration{} ? Duration::max() : idle_unload;
  for (const auto& resident : session.residents()) {
    const auto model = std::ranges::find(fleet.models, resident.model, &Model::id);
    const auto device = std::ranges::find(fleet.devices, resident.device, &Device::id);
    if (model == fleet.models.end()) continue;
    const bool gpu = device != fleet.devices.end() && device->kind == DeviceKind::gpu;
    list.push_back({&*model, resident.bytes, gpu ? resident.bytes : Bytes{}, {}});
    const Duration unused_max = resident.stays.value_or(usual);
    if (unused_max == Duration::max()) continue;
    const Duration unused = clock.now() - resident.used.value_or(clock.now());
    list.back().leaves = clock.wall() + std::max(unused_max - unused, Duration{});
  }
  return list;
}

}  // namespace kai
