#include "base/result.h"

#include "base/ensure.h"

namespace kai {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_request: return "invalid_request";
    case ErrorCode::invalid_config: return "invalid_config";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::no_members: return "no_members";
    case ErrorCode::nothing_fits: return "nothing_fits";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::deadline: return "deadline";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::model_refused: return "model_refused";
    case ErrorCode::lane_lost: return "lane_lost";
    case ErrorCode::device_lost: return "device_lost";
    case ErrorCode::host_lost: return "host_lost";
    case ErrorCode::no_memory: return "no_memory";
    case ErrorCode::storage: return "storage";
    case ErrorCode::internal: return "internal";
  }
  unreachable("an ErrorCode outside its enum");
}

}  // namespace kai
