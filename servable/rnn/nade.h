// NADE, the neural autoregressive distribution estimator: a distribution over vectors of bits whose
// probabilities come one bit after another, each given the bits before. Reproduces the formulas of
// magenta/common/nade.py; https://arxiv.org/abs/1605.02226.
#ifndef MAGENTA_SERVING_RNN_NADE_H_
#define MAGENTA_SERVING_RNN_NADE_H_

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace magenta_serving {

// Immutable, and so safe to share between threads. Values are float32, as in Magenta's graphs, from
// which they differ by rounding.
class Nade {
 public:
  Nade() = default;

  // `encoder` and `decoder` are the weights w_enc and w_dec_t: [num_dims, num_hidden], a row for
  // each bit.
  Nade(int num_dims, int num_hidden, std::vector<float> encoder, std::vector<float> decoder)
      : num_dims_(num_dims),
        num_hidden_(num_hidden),
        encoder_(std::move(encoder)),
        decoder_(std::move(decoder)) {}

  int num_dims() const { return num_dims_; }
  int num_hidden() const { return num_hidden_; }

  // Goes through the bits in order: `choose` gets each one's probability of being 1, given those
  // before, and returns its value. The biases b_enc, [num_hidden], and b_dec, [num_dims], are the
  // state of an RNN. Returns the log-likelihood of the chosen bits, with each probability raised by
  // 1e-6 as Magenta does.
  float Choose(absl::Span<const float> b_enc, absl::Span<const float> b_dec,
               const std::function<bool(int dim, float probability)>& choose) const;

  // The log-likelihood of given bits, which are 0 or 1.
  float LogProbability(absl::Span<const float> b_enc, absl::Span<const float> b_dec,
                       absl::Span<const float> bits) const;

 private:
  absl::Span<const float> EncoderRow(int dim) const { return Row(encoder_, dim); }
  absl::Span<const float> DecoderRow(int dim) const { return Row(decoder_, dim); }
  absl::Span<const float> Row(const std::vector<float>& weights, int dim) const {
    return absl::MakeConstSpan(weights).subspan(static_cast<size_t>(dim) * num_hidden_,
                                                num_hidden_);
  }

  int num_dims_ = 0;
  int num_hidden_ = 0;
  std::vector<float> encoder_;
  std::vector<float> decoder_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_NADE_H_
