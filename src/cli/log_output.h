// log_output: lines for whoever reads stderr, whom nobody waits for: kai has one thread, and a
// reader that stopped must not stop it. What does not fit at once is lost; how many lines that were
// is told before the next one that fits.
#pragma once

#include <cstdint>
#include <string_view>

namespace kai {

class LogOutput {
 public:
  // `file`, an open descriptor, must outlive this. Its flags, which other processes may share, stay
  // as they are. A regular file is written as ever: it has no reader.
  explicit LogOutput(int file);
  ~LogOutput();
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  void line(std::string_view text);  // ends with '\n'
  // Of a line that is drawn again and again: where it is lost, the next one shows more.
  void piece(std::string_view text) { put(text); }

 private:
  std::size_t put(std::string_view text);

  int file_;
  int own_ = -1;             // the same pipe or terminal, opened again so as not to block; -1: none
  bool socket_ = false;      // as systemd's journal gives
  bool unfinished_ = false;  // the last line written broke off
  std::int64_t lost_ = 0;    // lines since the last one that fitted
};

}  // namespace kai
