// server: a process that is measured, or that answers it, on a core of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/quantities.h"
#include "base/result.h"

namespace kai::bench {

class Server {
 public:
  // Runs a program on `core` and waits for the line on its standard output that ends with its
  // port. It ends with this. `log` takes its standard error. Errors: lane_lost, deadline (20 s).
  static Result<Server> start(int core, const std::vector<std::string>& arguments,
                              const std::string& log);
  // One that says nothing: answers at `port` when it is there, within a minute.
  static Result<Server> start_at(std::uint16_t port, int core,
                                 const std::vector<std::string>& arguments, const std::string& log);

  std::uint16_t port() const { return port_; }
  double processor_seconds() const;  // used so far, all threads
  Bytes resident() const;            // memory, now

 private:
  Server(std::unique_ptr<Process> process, std::uint16_t port)
      : process_(std::move(process)), port_(port) {}

  std::unique_ptr<Process> process_;
  std::uint16_t port_;
};

}  // namespace kai::bench
