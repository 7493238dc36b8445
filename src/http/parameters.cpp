#include "http/parameters.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace kai::http {

Result<Parameters> parameters_of(std::string_view target) {
  const auto url = boost::urls::parse_origin_form(target);
  if (!url) {
    return fail(ErrorCode::invalid_request,
                "the address is not written as one; percent-encode what stands behind the '?'");
  }
  Parameters parameters;
  for (const auto& one : url->params()) parameters.emplace_back(one.key, one.value);
  return parameters;
}

}  // namespace kai::http
