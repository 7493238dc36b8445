// routes: which request is whose. A protocol is a function that returns its rows, in a file of its
// own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/answering.h"
#include "api/monitor_backend.h"
#include "api/native.h"
#include "api/upkeep.h"
#include "base/task.h"
#include "http/http.h"

namespace kai {

// One row. The handler gets the path without what follows a '?'; nothing comes back where it has
// streamed.
struct Route {
  std::string method;  // GET serves HEAD too
  // One that ends in '/' stands for all below it, "/" for itself alone; "{…}" for any one part
  // between two '/'.
  std::string path;
  std::function<Task<Reply>(http::Exchange&, std::string path)> handler;
};

// `answering` must outlive the rows.
std::vector<Route> openai_routes(Answering& answering);
std::vector<Route> ollama_routes(Answering& answering, const std::string& kai_version);
// `backend` may become one that can answer later; until then what it lacks is refused.
std::vector<Route> monitor_routes(const MonitorBackend& backend);

// The same.
std::vector<Route> upkeep_routes(const std::optional<UpkeepBackend>& backend);

std::vector<Route> native_routes(NativeSite& site);       // questions, and what is told of them
std::vector<Route> native_list_routes(NativeSite& site);  // what there is
std::vector<Route> openapi_routes();
std::vector<Route> page_routes();  // the dashboard, at "/" for browsers

// Of both protocols: texts as vectors.
std::vector<Route> embedding_routes(Answering& answering);

}  // namespace kai
