#include "cli/exit_code.h"

#include "base/ensure.h"

namespace kai {

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_request:
    case ErrorCode::invalid_config:
    case ErrorCode::not_found: return exit_status::usage;
    case ErrorCode::no_members:
    case ErrorCode::no_memory:
    case ErrorCode::nothing_fits: return exit_status::no_model;
    case ErrorCode::overloaded:
    case ErrorCode::deadline: return exit_status::late;
    case ErrorCode::cancelled: return exit_status::interrupted;
    case ErrorCode::model_refused:
    case ErrorCode::lane_lost:
    case ErrorCode::device_lost:
    case ErrorCode::host_lost:
    case ErrorCode::storage:
    case ErrorCode::internal: return exit_status::failed;
  }
  unreachable("an error code without an exit status");
}

int exit_code(const Outcome& outcome, std::optional<double> confidence_min) {
  if (outcome.error) return exit_code(outcome.error->code);
  const Verdict& verdict = outcome.verdict;
  if (confidence_min && verdict.confidence.value_or(verdict.agreement) < *confidence_min) {
    return exit_status::unsure;
  }
  return outcome.partial ? exit_status::late : exit_status::ok;
}

}  // namespace kai
