#include "servable/rnn/nade.h"

#include <cmath>
#include <numeric>

namespace magenta_serving {
namespace {

float Sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

// Finite for probabilities of 0.
float SafeLog(float probability) { return std::log(1e-6f + probability); }

}  // namespace

float Nade::Choose(absl::Span<const float> b_enc, absl::Span<const float> b_dec,
                   const std::function<bool(int dim, float probability)>& choose) const {
  std::vector<float> activation(b_enc.begin(), b_enc.end());
  std::vector<float> hidden(num_hidden_);
  const auto update_hidden = [&] {
    for (int i = 0; i < num_hidden_; ++i) hidden[i] = Sigmoid(activation[i]);
  };
  update_hidden();
  float log_likelihood = 0;
  for (int dim = 0; dim < num_dims_; ++dim) {
    const absl::Span<const float> decoder = DecoderRow(dim);
    // Summed in double: nearest to any order in which a graph may sum.
    const double logit = std::inner_product(hidden.begin(), hidden.end(), decoder.begin(), 0.0);
    const float probability = Sigmoid(b_dec[dim] + static_cast<float>(logit));
    if (choose(dim, probability)) {
      log_likelihood += SafeLog(probability);
      const absl::Span<const float> encoder = EncoderRow(dim);
      for (int i = 0; i < num_hidden_; ++i) activation[i] += encoder[i];
      update_hidden();
    } else {
      log_likelihood += SafeLog(1.0f - probability);
    }
  }
  return log_likelihood;
}

float Nade::LogProbability(absl::Span<const float> b_enc, absl::Span<const float> b_dec,
                           absl::Span<const float> bits) const {
  return Choose(b_enc, b_dec, [&](int dim, float probability) { return bits[dim] != 0; });
}

}  // namespace magenta_serving
