// Puts the fleet together: searches, facts, names, templates, priors.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "fleet/candidate.h"
#include "fleet/embedding.h"
#include "fleet/fleet.h"
#include "fleet/inspect.h"
#include "fleet/model_folders.h"
#include "fleet/naming.h"
#include "fleet/templates.h"

namespace kai {

namespace {

constexpr std::string_view through_ollama = "ask it through Ollama instead";

bool empty(const ChatTemplate& chat) {
  return chat.family.empty() && !chat.own_frames();
}

// Everything that may be a model, each file once, in the order of the options.
Search search(const FleetOptions& options) {
  std::vector<Search> parts;
  for (const auto& folder : options.folders) {
    parts.push_back(search_folder(folder, options.files_max));
  }
  if (!options.ollama_store.empty()) {
    parts.push_back(search_ollama(options.ollama_store, options.files_max));
  }
  Search all;
  std::set<std::string> paths;
  std::set<std::pair<std::uint64_t, std::uint64_t>> files;
  std::size_t left_out = 0;
  for (auto& part : parts) {
    std::ranges::move(part.notes, std::back_inserter(all.notes));
    std::ranges::move(part.folders, std::back_inserter(all.folders));
    for (auto& candidate : part.candidates) {
      // Folders may overlap, and a link may lead from one into another.
      const bool opened = candidate.refused.empty();
      if (opened ? !files.insert(candidate.file).second
                 : candidate.ollama.empty() && !paths.insert(candidate.path).second) {
        continue;
      }
      if (std::ssize(all.candidates) >= options.files_max) {
        ++left_out;
      } else {
        all.candidates.push_back(std::move(candidate));
      }
    }
  }
  if (left_out > 0) {
    all.notes.push_back(fmt::format("{} more model files are left out: only {} are looked at",
                                    left_out, options.files_max));
  }
  return all;
}

struct Inspected {
  std::vector<InspectedFile> files;  // as the candidates
  bool all_known = false;            // none had to be looked into
};

Inspected inspect_all(const std::vector<FoundFile>& candidates, const FleetOptions& options,
                      Store& store, const OnInspect& on_inspect) {
  Inspector inspector({options.worker, options.inspect_max}, store);
  std::vector<InspectedFile> files(candidates.size());
  std::vector<std::size_t> unknown;
  for (std::size_t index = 0; index < candidates.size(); ++index) {
    const FoundFile& candidate = candidates[index];
    if (!candidate.refused.empty()) {
      files[index].refused = candidate.refused;
    } else if (auto known = inspector.known(candidate)) {
      files[index] = *std::move(known);
    } else {
      unknown.push_back(index);
    }
  }
  const int total = static_cast<int>(unknown.size());
  for (int done = 0; done < total; ++done) {
    const std::size_t index = unknown[static_cast<std::size_t>(done)];
    if (on_inspect) on_inspect(candidates[index].path, done, total);
    files[index] = inspector.inspect(candidates[index]);
  }
  return {std::move(files), unknown.empty()};
}

std::string needs_template(const Model& model, bool in_ollama) {
  return fmt::format(
      "has no chat template that llama.cpp knows; {}give it one in kai.toml:\n"
      "[[member]]\nmodel = \"{}\"\ntemplate = \"{}\"",
      in_ollama ? fmt::format("{}, or ", through_ollama) : "", model.id.text,
      likely_template(model.id, model.facts));
}

// Settles how the model is spoken to, or why it cannot be.
void set_chat(Model& model, const FoundFile& candidate, const MemberOverride* member) {
  model.chat.stop = candidate.stop;
  if (member != nullptr && !member->chat.stop.empty()) model.chat.stop = member->chat.stop;
  std::optional<ChatTemplate> chosen;
  if (member != nullptr && !empty(member->chat)) {
    chosen = member->chat;
  } else if (!model.facts.chat_template) {
    chosen = builtin_template(model.id);
    if (!chosen && model.refused.empty()) {
      model.refused = needs_template(model, !candidate.ollama.empty());
    }
  }
  if (!chosen) return;
  // A frame's own words come first; those of Ollama are for the file's own template.
  if (chosen->stop.empty()) chosen->stop = std::move(model.chat.stop);
  model.chat = *std::move(chosen);
}

Model model_of(const FoundFile& candidate, InspectedFile file, ModelId id,
               const FleetOptions& options) {
  Model model;
  model.id = std::move(id);
  model.path = candidate.path;
  model.facts = std::move(file.facts);
  model.refused = std::move(file.refused);
  // A manifest without its blob needs a pull; a blob that was read and refused may be of a kind
  // that only Ollama's own engine loads. One for embeddings writes nowhere.
  const bool writes = !is_embedding_model(model);
  if (!model.refused.empty() && writes && candidate.refused.empty() && !candidate.ollama.empty()) {
    model.refused += fmt::format("; {}", through_ollama);
  }
  // A split model's inspect sees the first part's size.
  if (candidate.refused.empty()) model.facts.file = candidate.size;
  const MemberOverride* member = override_of(model.id, options);
  set_chat(model, candidate, member);
  if (member != nullptr && member->disabled) model.refused = "is disabled in kai.toml";
  model.prior = member != nullptr && member->prior >= 0 ? std::min(member->prior, 1.0)
                                                        : prior_of(model.facts, model.id);
  return model;
}

// Of what was found, and what is known of it.
Found found_of(Search found, std::vector<InspectedFile> files, const FleetOptions& options) {
  std::vector<Named> named;
  for (std::size_t index = 0; index < files.size(); ++index) {
    const FoundFile& candidate = found.candidates[index];
    named.push_back({candidate.ollama.empty() ? model_name(candidate.name, files[index].facts)
                                              : clean_id(candidate.name),
                     files[index].facts.quantisation, candidate.path + "\n" + candidate.ollama});
  }
  const auto ids = distinct_ids(named);
  Found result;
  result.notes = std::move(found.notes);
  for (std::size_t index = 0; index < files.size(); ++index) {
    result.models.push_back(
        model_of(found.candidates[index], std::move(files[index]), ids[index], options));
  }
  std::ranges::sort(result.models, {}, &Model::id);
  return result;
}

}  // namespace

const MemberOverride* override_of(const ModelId& id, const FleetOptions& options) {
  const MemberOverride* last = nullptr;
  for (const auto& member : options.overrides) {
    if (matches(member.model, id.text)) last = &member;
  }
  return last;
}

Found find_models(const FleetOptions& options, Store& store, const OnInspect& on_inspect) {
  Search found = search(options);
  auto inspected = inspect_all(found.candidates, options, store, on_inspect);
  return found_of(std::move(found), std::move(inspected.files), options);
}

const std::vector<Model>& ModelFolders::look(const FleetOptions& options, Store& store,
                                             const OnInspect& on_inspect, Time now) {
  if (known_ && now < looked_ + trusted_max && stamps_ == stamps_of(folders_)) return models_;
  Search found = search(options);
  const std::int64_t worker = look_at(options.worker).mtime_ns;
  if (!known_ || found.candidates != files_ || worker != worker_) {
    auto inspected = inspect_all(found.candidates, options, store, on_inspect);
    files_ = found.candidates;
    folders_ = std::move(found.folders);
    models_ = found_of(std::move(found), std::move(inspected.files), options).models;
    worker_ = worker;
    // What could not be inspected, or kept, is tried again at the next look.
    known_ = inspected.all_known;
  } else {
    folders_ = std::move(found.folders);
  }
  if (folders_.size() > folders_max) known_ = false;
  stamps_ = stamps_of(folders_);
  looked_ = now;
  return models_;
}

std::vector<std::int64_t> ModelFolders::stamps_of(const std::vector<std::string>& folders) {
  std::vector<std::int64_t> stamps;
  for (const auto& folder : folders) stamps.push_back(look_at(folder).mtime_ns);
  return stamps;
}

}  // namespace kai
