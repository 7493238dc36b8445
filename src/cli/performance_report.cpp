// report: kai as it is and the original way, on this machine or on a PC in virtual time.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/option_values.h"
#include "cli/pc_members.h"
#include "cli/performance.h"
#include "cli/shell_word.h"
#include "report/page.h"
#include "sim/pc_file.h"
#include "wire/documents.h"
#include "wire/performance.h"

namespace kai {

namespace {

constexpr std::string_view stem = "performance";

// The command that gives the same figures again.
std::string made_by(const Invocation& invocation) {
  const PcOptions& options = invocation.pc;
  std::string command = "kai report";
  for (const auto& [key, value] : invocation.settings)
    command += " --set " + shell_word(key + '=' + value);
  if (!options.file.empty()) command += " --pc " + shell_word(options.file);
  if (!options.models.empty()) {
    command += " --models " + shell_word(fmt::format("{}", fmt::join(options.models, ",")));
  }
  return command;
}

Result<PerformanceReport> report_of(const PcOptions& options, const Config& config,
                                    Terminal& terminal) {
  if (options.file.empty()) {
    auto report = measured_performance(config, inspect_teller(terminal));
    terminal.clear_live();
    return report;
  }
  const auto pc = read_pc(options.file);
  if (!pc) return std::unexpected(pc.error());
  const auto members = members_of(*pc, options.models);
  if (!members) return std::unexpected(members.error());
  return simulated_performance(*pc, *members, config.coordinator);
}

Result<> write(const std::filesystem::path& path, const std::string& text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return {};
  return fail(ErrorCode::storage,
              fmt::format("{} cannot be written: {}; name another folder with --out",
                          quoted(path.string()), std::generic_category().message(errno)));
}

// The page with its pictures, and the document where it is wanted.
Result<> write_all(const PerformanceReport& report, const std::string& folder, bool json) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::storage, fmt::format("{} cannot be made: {}; name another with --out",
                                                quoted(folder), error.message()));
  }
  const std::filesystem::path place = folder;
  std::string name(stem);
  auto written = write(place / (name + ".md"), report::page_of(report));
  const auto pictures = report::pictures_of(report, name);
  for (const auto& picture : pictures) {
    if (written) written = write(place / picture.name, picture.svg);
  }
  // Those of an earlier report would be taken for this one's.
  for (const auto& known : report::picture_names(name)) {
    const auto shown = std::ranges::find(pictures, known, &report::Picture::name);
    if (!written || shown != pictures.end()) continue;
    std::filesystem::remove(place / known, error);  // no error where there is none
    if (!error) continue;
    return fail(ErrorCode::storage,
                fmt::format("{} is of an earlier report and cannot be removed: {}",
                            quoted((place / known).string()), error.message()));
  }
  if (written && json) {
    written = write(place / (name + ".json"), wire::encode_performance(report) + '\n');
  }
  return written;
}

}  // namespace

int run_report(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto refuse = [&](const Error& error) {
    if (invocation.json) terminal.out(wire::encode_error(error));
    return tell_error(error, terminal);
  };
  const PcOptions& options = invocation.pc;
  if (options.file.empty() && !options.models.empty()) {
    return refuse({ErrorCode::invalid_request, "--models names models of a PC's file; add --pc"});
  }
  auto report = report_of(options, config, terminal);
  if (!report) return refuse(report.error());
  report->made_by = made_by(invocation);
  if (!options.out.empty()) {
    const auto written = write_all(*report, options.out, invocation.json);
    if (!written) return refuse(written.error());
    terminal.err(fmt::format("  written: {}/{}.md", options.out, stem));
    return exit_status::ok;
  }
  terminal.out(invocation.json ? wire::encode_performance(*report)
                               : inert(report::page_of(*report, {.pictures = false})));
  if (terminal.out_fault().empty()) return exit_status::ok;
  terminal.err("kai: the report could not be written: " + terminal.out_fault());
  return exit_status::failed;
}

}  // namespace kai
