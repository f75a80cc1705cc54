#include "servable/rnn/limited_allocator.h"

#include <malloc.h>

#include "tsl/platform/mem.h"

namespace magenta_serving {

void* LimitedAllocator::AllocateRaw(size_t alignment, size_t num_bytes) {
  const size_t used = used_;
  const size_t limit = limit_;
  if (used > limit || num_bytes > limit - used) return nullptr;
  void* const memory = tsl::port::AlignedMalloc(num_bytes, static_cast<int>(alignment));
  if (memory == nullptr) return nullptr;
  used_ += malloc_usable_size(memory);
  ++references_;
  return memory;
}

void LimitedAllocator::DeallocateRaw(void* memory) {
  used_ -= malloc_usable_size(memory);
  tsl::port::AlignedFree(memory);
  Unref();
}

void LimitedAllocator::Unref() {
  if (--references_ == 0) delete this;
}

}  // namespace magenta_serving
