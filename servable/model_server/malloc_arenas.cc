// Has one arena of malloc for each processor, unless $MALLOC_ARENA_MAX says otherwise. glibc's bound
// is eight: gRPC's threads, which come and go, then spread a server's memory over all of them, and it
// takes hours to stop growing.
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace magenta_serving {
namespace {

[[maybe_unused]] const bool installed = [] {
  if (std::getenv("MALLOC_ARENA_MAX") != nullptr) return false;
  return mallopt(M_ARENA_MAX, std::max(1u, std::thread::hardware_concurrency())) == 1;
}();

}  // namespace
}  // namespace magenta_serving
