// Generators of the drums_rnn family: one_drum, drum_kit. Reproduces magenta/models/drums_rnn:
// drums_rnn_model.py, drums_rnn_sequence_generator.py and drums_rnn_generate.py.
#ifndef MAGENTA_SERVING_GENERATION_DRUMS_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_DRUMS_GENERATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/generation/generator.h"
#include "servable/music/drum_track.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

struct DrumsConfig {
  std::string id;
  int steps_per_quarter = 4;
  std::unique_ptr<EventSequenceEncoderDecoder<DrumEvent>> (*make_encoder_decoder)();
};

const std::vector<DrumsConfig>& DrumsConfigs();

// `generator_id` is one of DrumsConfigs(). INVALID_ARGUMENT when `model` does not fit the config's
// encoding.
absl::StatusOr<std::unique_ptr<Generator>> MakeDrumsGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_DRUMS_GENERATOR_H_
