#include "wire/checkup.h"

#include <algorithm>

#include "wire/document_parts.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

json::array texts(const std::vector<std::string>& words) {
  json::array list;
  for (const auto& word : words) list.emplace_back(word);
  return list;
}

json::object encoded(const Finding& finding) {
  return {{"about", to_string(finding.about)},
          {"level", to_string(finding.mark)},
          {"text", finding.text},
          {"remedies", texts(finding.remedies)}};
}

json::object encoded(const CheckedDevice& checked) {
  const Device& device = checked.device;
  json::value speed;
  if (device.speed) {
    speed = json::object{{"lane_read_bytes_per_s", device.speed->lane_read},
                         {"all_read_bytes_per_s", device.speed->all_read},
                         {"lane_flops", device.speed->lane_flops}};
  }
  return {{"id", device.id.text},
          {"kind", to_string(device.kind)},
          {"name", device.name},
          {"capacity_bytes", device.capacity.count},
          {"buffer_bytes", device.buffer.count},
          {"lanes", device.lanes},
          {"threads_per_lane", device.threads_per_lane},
          {"running", device.running},
          {"speed", std::move(speed)},
          {"in_use", checked.in_use},
          {"process", or_null(checked.process)}};
}

json::object encoded(const DriverView& view) {
  return {{"total_bytes", view.total.count},
          {"free_bytes", view.free.count},
          {"believed", view.sound},
          {"processes", view.processes}};
}

json::object encoded(const CheckedNvidia& nvidia) {
  json::array cards;
  for (const auto& [name, bus, view] : nvidia.cards) {
    cards.push_back(
        json::object{{"name", name}, {"bus", text_or_null(bus)}, {"memory", encoded(view)}});
  }
  return {{"driver", text_or_null(nvidia.driver)},
          {"missing", text_or_null(nvidia.missing)},
          {"fault", text_or_null(nvidia.fault)},
          {"cards", std::move(cards)}};
}

json::object encoded(const CheckedCard& card) {
  return {{"maker", card.maker}, {"bus", card.bus}, {"driver", text_or_null(card.driver)}};
}

json::object encoded(const CheckedGpu& gpu) {
  const json::value driver = gpu.driver ? json::value(encoded(*gpu.driver)) : json::value();
  return {{"id", gpu.id},
          {"name", gpu.name},
          {"backend", gpu.backend},
          {"bus", text_or_null(gpu.bus)},
          {"total_bytes", gpu.total.count},
          {"free_bytes", gpu.free.count},
          {"nvml", driver},
          {"believed_free_bytes", gpu.believed.count},
          {"others_bytes", gpu.taken.count},
          {"used", gpu.used}};
}

json::object encoded(const CheckedFolder& folder) {
  return {{"path", folder.path}, {"models", folder.models}};
}

json::object encoded(const Model& model) {
  return {{"id", model.id.text},
          {"file", model.path},
          {"usable", model.refused.empty()},
          {"refused", text_or_null(model.refused)}};
}

template <class Value>
json::array all(const std::vector<Value>& values) {
  json::array list;
  for (const auto& value : values) list.push_back(encoded(value));
  return list;
}

json::object store_of(const Checkup& checkup) {
  return {{"folder", checkup.data_folder},
          {"free_bytes", checkup.data_free ? json::value(checkup.data_free->count) : nullptr},
          {"history", checkup.history}};
}

json::object timeout_of(const TierTime& time) {
  const auto if_known = [&](Duration value) {
    return time.members > 0 ? json::value(to_ms(value)) : json::value();
  };
  return {{"tier", to_string(time.tier)},
          {"members", time.members},
          {"usual_ms", if_known(time.usual)},
          {"longest_ms", if_known(time.longest)},
          {"timeout_ms", to_ms(time.timeout)},
          {"suggested_ms", if_known(time.suggested)},
          {"fit", time.members > 0 ? json::value(to_string(time.fit)) : json::value()},
          {"member_ms", if_known(time.member)},
          {"member_timeout_ms", to_ms(time.member_limit)},
          {"member_suggested_ms",
           if_known(time.member_too_short ? time.suggested : time.member_limit)}};
}

}  // namespace

json::array encoded(const std::vector<TierTime>& times) {
  json::array list;
  for (const auto& time : times) list.push_back(timeout_of(time));
  return list;
}

std::string encode_checkup(const Checkup& checkup) {
  return to_indented(json::object{
      {"schema", "kai.doctor.v1"},
      {"able", checkup.able},
      {"findings", all(checkup.findings)},
      {"config_files", texts(checkup.config_files)},
      {"store", store_of(checkup)},
      {"worker", json::object{{"path", checkup.worker},
                              {"llama_cpp", text_or_null(checkup.llama_version)},
                              {"backends", texts(checkup.backends)}}},
      {"devices", all(checkup.devices)},
      {"gpus", all(checkup.gpus)},
      {"nvidia", encoded(checkup.nvidia)},
      {"cards", all(checkup.cards)},
      {"model_folders", all(checkup.folders)},
      {"models", all(checkup.models)},
      {"timeouts", wire::encoded(checkup.timeouts)},
      {"runtime_folder", checkup.runtime_folder},
      {"sandbox", json::object{{"usable", checkup.sandbox}, {"run_code", checkup.run_code}}}});
}

}  // namespace kai::wire
