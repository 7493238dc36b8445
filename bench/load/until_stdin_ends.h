// until_stdin_ends: how a bench's servers end: with whoever started them, however that ends.
#pragma once

#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdio>

namespace kai::bench {

// What was printed is sent first.
inline void run_until_stdin_ends(boost::asio::io_context& io) {
  std::fflush(stdout);
  boost::asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
  std::array<char, 1> byte{};
  input.async_read_some(boost::asio::buffer(byte), [&io](auto, auto) { io.stop(); });
  io.run();
}

}  // namespace kai::bench
