#include "fleet/inspect.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>

#include "base/process.h"
#include "wire/documents.h"
#include "wire/inspection.h"

namespace kai {

namespace {

constexpr int signalled = 128;  // as run_process() gives the status of a killed program
constexpr std::size_t reason_max = 600;

// Signals by which a program ends itself over what it read. Others come from outside (Ctrl-C, the
// kernel short of memory) and say nothing of the file.
bool is_crash(int status) {
  constexpr auto own = std::to_array({SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP});
  return std::ranges::find(own, status - signalled) != own.end();
}

// The worker begins its sentence with the path, which people see beside it anyway.
std::string without_path(std::string message, const std::string& path) {
  if (message.starts_with(path + ": ")) message.erase(0, path.size() + 2);
  if (message.size() > reason_max) {
    // Never in the middle of a character.
    std::size_t end = reason_max;
    while (end > 0 && (message[end] & 0xC0) == 0x80) --end;
    message.resize(end);
  }
  return message.empty() ? "is refused without a reason" : message;
}

}  // namespace

Inspector::Inspector(Options options, Store& store)
    : options_(std::move(options)),
      store_(store),
      worker_mtime_ns_(look_at(options_.worker).mtime_ns) {
  // A store that cannot be read costs time, not models; its fault() is told elsewhere.
  auto rows = store_.inspected();
  if (!rows) return;
  for (auto& row : *rows) {
    std::string path = row.path;
    cache_.insert_or_assign(std::move(path), std::move(row));
  }
}

InspectedFile Inspector::row_of(const FoundFile& candidate) const {
  InspectedFile row;
  row.path = candidate.path;
  row.size = candidate.size.count;
  // What is known of a file ends when either it or kai-worker changes: a newer llama.cpp may load
  // what an older one refused. Their sum changes with both; its value means nothing.
  row.mtime_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(candidate.mtime_ns) +
                                           static_cast<std::uint64_t>(worker_mtime_ns_));
  return row;
}

std::optional<InspectedFile> Inspector::known(const FoundFile& candidate) const {
  const auto found = cache_.find(candidate.path);
  if (found == cache_.end()) return std::nullopt;
  const InspectedFile now = row_of(candidate);
  if (found->second.size != now.size || found->second.mtime_ns != now.mtime_ns) {
    return std::nullopt;
  }
  return found->second;
}

InspectedFile Inspector::inspect(const FoundFile& candidate) {
  InspectedFile row = row_of(candidate);
  const auto output = run_process({options_.worker, "inspect", candidate.path}, options_.limit);
  if (!output && output.error().code != ErrorCode::deadline &&
      output.error().code != ErrorCode::internal) {
    row.refused = "could not be inspected: " + output.error().message;
    return row;
  }
  if (!output) {
    row.refused =
        fmt::format("kai-worker {} over it; fetch it again, or `touch` it to have it tried again",
                    output.error().code == ErrorCode::deadline
                        ? fmt::format("took longer than {:.0f} s", seconds(options_.limit))
                        : "wrote without end");
  } else if (is_crash(output->status)) {
    const auto why = wire::message_of_error(output->text);
    row.refused = fmt::format(
        "kai-worker crashed over it (signal {}{}); the file is damaged or of a "
        "kind that this llama.cpp cannot load: fetch it again",
        output->status - signalled, why ? ", " + *why : "");
  } else {
    auto facts = wire::decode_inspection(output->text);
    if (facts && output->status == 0) {
      row.facts = *std::move(facts);
    } else if (!facts && facts.error().code == ErrorCode::model_refused) {
      row.refused = without_path(facts.error().message, candidate.path);
    } else {
      row.refused =
          fmt::format("could not be inspected: kai-worker ended with status {}", output->status);
      return row;
    }
  }
  store_.put_inspected(row);
  cache_.insert_or_assign(row.path, row);
  return row;
}

}  // namespace kai
