// Generator of the polyphony_rnn family, which has one config: polyphony. Reproduces
// magenta/models/polyphony_rnn: polyphony_model.py, polyphony_sequence_generator.py and
// polyphony_rnn_generate.py.
#ifndef MAGENTA_SERVING_GENERATION_POLYPHONY_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_POLYPHONY_GENERATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/generation/generator.h"
#include "servable/music/polyphonic_sequence.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

struct PolyphonyConfig {
  std::string id;
  int steps_per_quarter = 4;
  std::unique_ptr<EventSequenceEncoderDecoder<PolyphonicEvent>> (*make_encoder_decoder)();
};

const std::vector<PolyphonyConfig>& PolyphonyConfigs();

// `generator_id` is one of PolyphonyConfigs(). INVALID_ARGUMENT when `model` does not fit the
// config's encoding.
absl::StatusOr<std::unique_ptr<Generator>> MakePolyphonyGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_POLYPHONY_GENERATOR_H_
