// Models of hosts, named and judged as files are.
#include <algorithm>

#include "fleet/fleet.h"
#include "fleet/naming.h"

namespace kai {

namespace {

// Without ":latest", which Ollama adds to a name that has no tag.
std::string_view untagged(std::string_view name) {
  constexpr std::string_view tag = ":latest";
  if (name.ends_with(tag)) name.remove_suffix(tag.size());
  return name;
}

// What follows the maker or the folder: "Llama-3.1-8B" of "meta-llama/Llama-3.1-8B".
std::string_view last_part(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos || slash + 1 == name.size() ? name
                                                                     : name.substr(slash + 1);
}

}  // namespace

std::vector<Model> host_models(const std::string& engine,
                               const std::vector<wire::HostModel>& listed,
                               const FleetOptions& options) {
  std::vector<Named> names;
  for (const auto& one : listed) {
    const std::string_view name = untagged(one.name);
    // What has a tag is called as Ollama calls it.
    names.push_back({name.contains(':') ? clean_id(name) : model_name(last_part(name), {}),
                     one.quantisation, one.name});
  }
  const auto ids = distinct_ids(names);
  std::vector<Model> models;
  for (std::size_t index = 0; index < listed.size(); ++index) {
    const wire::HostModel& one = listed[index];
    Model model;
    // Another kai's own names are none of this one's here.
    const bool tier = one.name.starts_with("kai:");
    model.id = ModelId(engine + "/" + (tier ? clean_id(one.name).substr(3) : ids[index].text));
    model.host = DeviceId(engine);
    model.host_name = one.name;
    model.facts.name = one.name;
    model.facts.quantisation = one.quantisation;
    model.facts.parameters = one.parameters > 0 ? one.parameters : parameters_in(ids[index].text);
    model.facts.context_max = one.context_max;
    model.facts.file = one.file;
    model.facts.chat_template = true;
    if (!one.writes) model.refused = "is an embedding model; it writes no answers";
    const MemberOverride* member = override_of(model.id, options);
    if (member != nullptr && member->disabled) model.refused = "is disabled in kai.toml";
    model.prior = member != nullptr && member->prior >= 0 ? std::min(member->prior, 1.0)
                                                          : prior_of(model.facts, ids[index]);
    models.push_back(std::move(model));
  }
  return models;
}

}  // namespace kai
