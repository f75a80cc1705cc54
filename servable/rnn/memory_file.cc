#include "servable/rnn/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace magenta_serving {

absl::StatusOr<MemoryFile> MemoryFile::Create(absl::string_view contents) {
  MemoryFile file;
  file.descriptor_ = memfd_create("magenta_checkpoint", MFD_CLOEXEC);
  if (file.descriptor_ < 0)
    return absl::ResourceExhaustedError(absl::StrCat("memfd_create: ", std::strerror(errno)));
  for (size_t written = 0; written < contents.size();) {
    const ssize_t n = write(file.descriptor_, contents.data() + written, contents.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot hold checkpoint: ", std::strerror(errno)));
    written += static_cast<size_t>(n);
  }
  return file;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

}  // namespace magenta_serving
