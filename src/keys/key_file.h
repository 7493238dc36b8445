// key_file: where keys are kept: a small file of its own in the data folder. Not in kai.db: a
// database that is damaged is set aside and begun anew, which must not let everyone in.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "keys/keys.h"

namespace kai {

inline constexpr std::size_t keys_max = 1000;

std::string key_file_in(const std::string& data_folder);

// All keys; none where there is no such file. Errors: invalid_config (a line is wrong, which is
// named; others may write the file), storage (it cannot be read, or is too large).
Result<std::vector<Key>> read_keys(const std::string& path);

// Changes the file as a whole, one process at a time; on disk on return. Both wait at most 2 s for
// another process, and make the folder where it is missing. Errors: as read_keys(), storage, and
// invalid_request: the name is taken, there are keys_max already.
Result<> add_key(const std::string& path, const Key& key);
// How many keys are left. Errors: as above; not_found.
Result<std::size_t> remove_key(const std::string& path, const std::string& name);

// The keys of a file, which may change meanwhile.
class KeyWatch {
 public:
  // `clock` must outlive this. Reads the file: see fault().
  KeyWatch(Clock& clock, std::string path);

  // As of a second ago at most. Where the file cannot be read (any more) the keys stay as they
  // were.
  const std::vector<Key>& keys();
  // Looks at once: whether the file had changed. look() reads it in any case.
  bool refresh();
  void look();
  // Not empty: why the file could not be read when it was looked at last.
  const std::string& fault() const { return fault_; }
  const std::string& path() const { return path_; }

 private:
  // What tells one state of the file from another.
  struct State {
    ino_t inode = 0;
    off_t size = -1;  // -1: there is none
    std::timespec changed{};
  };
  State state() const;

  Clock& clock_;
  std::string path_;
  State read_;
  Time looked_{};
  std::vector<Key> keys_;
  std::string fault_;
};

}  // namespace kai
