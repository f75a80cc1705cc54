// The memory of one TensorFlow session's tensors, of which there is a bounded amount.
#ifndef MAGENTA_SERVING_RNN_LIMITED_ALLOCATOR_H_
#define MAGENTA_SERVING_RNN_LIMITED_ALLOCATOR_H_

#include <atomic>
#include <cstddef>
#include <string>

#include "xla/tsl/framework/allocator.h"

namespace magenta_serving {

// Gives no memory beyond its limit; an operation that asks for it fails with RESOURCE_EXHAUSTED.
// Tensors may outlive their session, so an allocator lives until it is released and none of its
// memory is in use. Thread-safe.
class LimitedAllocator : public tsl::Allocator {
 public:
  explicit LimitedAllocator(size_t limit) : limit_(limit) {}

  size_t limit() const { return limit_; }
  void set_limit(size_t limit) { limit_ = limit; }

  // Ends its life, when the last of its memory is given back.
  void Release() { Unref(); }

  std::string Name() override { return "bundle"; }
  void* AllocateRaw(size_t alignment, size_t num_bytes) override;
  void DeallocateRaw(void* memory) override;

 private:
  ~LimitedAllocator() override = default;
  void Unref();

  std::atomic<size_t> limit_;
  std::atomic<size_t> used_{0};
  std::atomic<size_t> references_{1};  // the creator's, and one for each piece of memory
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_LIMITED_ALLOCATOR_H_
