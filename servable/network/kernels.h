// The arithmetic of a network, for each instruction set that it is compiled for.
//
// Each result is accumulated in one order, which does not depend on how many rows there are, nor on
// the width of the registers: a sequence's values are the same bits alone and in any batch, with
// AVX2 and with AVX-512. (Without fused multiply-add, on processors older than both, they round
// otherwise.)
#ifndef MAGENTA_SERVING_NETWORK_KERNELS_H_
#define MAGENTA_SERVING_NETWORK_KERNELS_H_

#include <cstddef>
#include <vector>

namespace magenta_serving {

// Columns of weights that lie together. Sizes of rows are padded to a multiple of it.
inline constexpr int kPanel = 16;

constexpr int RoundUpToPanel(int size) { return (size + kPanel - 1) / kPanel * kPanel; }

// Gates of kPanel hidden units lie together: i, j, f, o.
inline constexpr int kGates = 4;
inline constexpr int kGateGroup = kGates * kPanel;

struct Kernels {
  const char* name;  // of the instruction set

  // c += a w for `rows` rows: a is [rows, depth], w [num_panels, depth, kPanel] and c
  // [rows, num_panels * kPanel], rows of a and c lie `stride`s apart.
  void (*multiply_add)(const float* a, size_t a_stride, int rows, int depth, const float* w,
                       int num_panels, float* c, size_t c_stride);

  // y += scale x, both [size], a multiple of kPanel.
  void (*add_scaled)(float scale, const float* x, int size, float* y);

  // One kPanel of units of an LSTM: from the activations of its gates, [kGateGroup], and its cells
  // to new cells and hidden values.
  void (*update_cells)(const float* gates, const float* cells, float* new_cells, float* new_hidden);

  // out_a = sum_l softmax_l(sum_a scale_a tanh(keys_la + query_a)) memory_la over a ring of
  // `length` rows of `size` values, a multiple of kPanel, whose oldest row is `first`. `scores` is
  // working space, [length] rounded up.
  void (*attend)(const float* memory, const float* keys, int length, int size, int first,
                 const float* query, const float* scale, float* scores, float* out);

  // Replaces `size` logits by softmax(logits / temperature).
  void (*softmax)(float* values, int size, float temperature);
};

// What this processor can run, the best first.
const std::vector<const Kernels*>& SupportedKernels();

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_NETWORK_KERNELS_H_
