// routes: which request is whose. A protocol is a function that returns its rows, in a file of its
// own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/answering.h"
#include "base/task.h"
#include "http/http.h"

namespace kai {

// One row. The handler gets the path without what follows a '?'; nothing comes back where it has
// streamed.
struct Route {
  std::string method;  // GET serves HEAD too
  std::string path;    // one that ends in '/' stands for all below it, "/" for itself alone
  std::function<Task<Reply>(http::Exchange&, std::string path)> handler;
};

// `answering` must outlive the rows.
std::vector<Route> openai_routes(Answering& answering);
std::vector<Route> ollama_routes(Answering& answering, const std::string& kai_version);

// Of both protocols: texts as vectors.
std::vector<Route> embedding_routes(Answering& answering);

}  // namespace kai
