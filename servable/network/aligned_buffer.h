// Float32 values that begin at the start of a cache line.
#ifndef MAGENTA_SERVING_NETWORK_ALIGNED_BUFFER_H_
#define MAGENTA_SERVING_NETWORK_ALIGNED_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace magenta_serving {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) { Reserve(size); }

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  size_t size() const { return size_; }

  // Makes room for `size` values. When it was too small, all values are zeros afterwards.
  void Reserve(size_t size) {
    if (size <= size_) return;
    data_.reset(static_cast<float*>(operator new(size * sizeof(float), kAlignment)));
    std::fill_n(data_.get(), size, 0.0f);
    size_ = size;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(float* data) const { operator delete(data, kAlignment); }
  };

  std::unique_ptr<float, Free> data_;
  size_t size_ = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_NETWORK_ALIGNED_BUFFER_H_
