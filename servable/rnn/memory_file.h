// Bytes in memory that TensorFlow can open by path.
#ifndef MAGENTA_SERVING_RNN_MEMORY_FILE_H_
#define MAGENTA_SERVING_RNN_MEMORY_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace magenta_serving {

// An anonymous file in memory: restoring needs a file, and this one vanishes with the process,
// however that ends.
class MemoryFile {
 public:
  // RESOURCE_EXHAUSTED when the memory cannot be had.
  static absl::StatusOr<MemoryFile> Create(absl::string_view contents);
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();

  // Valid as long as the object lives.
  std::string path() const;

 private:
  MemoryFile() = default;
  int descriptor_ = -1;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_MEMORY_FILE_H_
