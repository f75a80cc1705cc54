// What the families share whose models give distributions over classes: all but pianoroll.
#ifndef MAGENTA_SERVING_GENERATION_EVENT_RNN_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_EVENT_RNN_GENERATOR_H_

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/generation/generator.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

class EventRnnGenerator : public Generator {
 protected:
  EventRnnGenerator(GeneratorDescription description, std::shared_ptr<const StepModel> model)
      : Generator(std::move(description)), model_(std::move(model)) {}

  const StepModel& model() const { return *model_; }

 private:
  absl::StatusOr<std::vector<double>> LogLikelihoods(const EventTrack& track,
                                                     const CallContext& context) const override;

  const std::shared_ptr<const StepModel> model_;
};

// INVALID_ARGUMENT unless `model` is one for events that `config` encodes in `input_size` values
// and draws from heads of these sizes.
absl::Status CheckModelShape(const std::string& config, const StepShape& model, int input_size,
                             const std::vector<int>& head_sizes);

// The same for what a config's encoder/decoder needs.
inline std::vector<int> HeadSizes(int num_classes) { return {num_classes}; }
template <size_t N>
std::vector<int> HeadSizes(const std::array<int, N>& num_classes) {
  return {num_classes.begin(), num_classes.end()};
}
template <typename EncoderDecoder>
absl::Status CheckModelShape(const std::string& config, const StepShape& model,
                             const EncoderDecoder& encoder_decoder) {
  return CheckModelShape(config, model, encoder_decoder.input_size(),
                         HeadSizes(encoder_decoder.num_classes()));
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_EVENT_RNN_GENERATOR_H_
