// serve_options: how kai serves.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "base/result.h"

namespace kai {

struct ServeOptions {
  // In numbers. One that others reach wants keys, see check_serve().
  std::string address = "127.0.0.1";
  // Below the ports that the system gives out by itself (32768 on), beside Ollama's 11434, on none
  // that a server of language models listens at by default; its end is K-A-I on a telephone.
  int port = 11524;                              // 0..65535; 0: any that is free
  int questions_max = 4;                         // answered at once, 1..64
  int waiting_max = 32;                          // for their turn, 0..10,000; beyond: refused
  Duration embed_max = std::chrono::minutes(1);  // for texts to be turned into vectors
  // After so much silence a stream says that it lives: clients give up on what is silent for long.
  Duration silence_max = std::chrono::seconds(5);
  Duration wait_max = std::chrono::seconds(30);   // for a turn; later: refused
  int connections_max = 256;                      // at once, 1..100,000
  Bytes body_max = 4_MiB;                         // of a request
  Duration drain_max = std::chrono::seconds(30);  // for answers under way, when it stops
  std::vector<std::string> hosts = {};    // further names of the server in Host: see is_host()
  std::vector<std::string> origins = {};  // of pages elsewhere that may use it: see is_origin()
  int rate_max =
      0;  // requests a minute of one address, where no key is needed, 0..1,000,000; 0: any
};

// Errors: invalid_config, where others can reach the address and there is no key.
Result<> check_serve(const ServeOptions& options, bool has_keys);

}  // namespace kai
