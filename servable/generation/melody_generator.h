// Generators of the melody_rnn family: basic_rnn, mono_rnn, lookback_rnn, attention_rnn.
// Reproduces
// magenta/models/melody_rnn: melody_rnn_model.py, melody_rnn_sequence_generator.py and
// melody_rnn_generate.py.
#ifndef MAGENTA_SERVING_GENERATION_MELODY_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_MELODY_GENERATOR_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/generation/generator.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

struct MelodyConfig {
  std::string id;
  int min_note = 48;                        // lowest pitch that the model knows
  int max_note = 84;                        // one above the highest
  std::optional<int> transpose_to_key = 0;  // pitch class that melodies are moved to for the model
  int steps_per_quarter = 4;
  std::unique_ptr<EventSequenceEncoderDecoder<int>> (*make_encoder_decoder)(int min_note,
                                                                            int max_note);
};

const std::vector<MelodyConfig>& MelodyConfigs();

// `generator_id` is one of MelodyConfigs(). INVALID_ARGUMENT when `model` does not fit the config's
// encoding.
absl::StatusOr<std::unique_ptr<Generator>> MakeMelodyGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_MELODY_GENERATOR_H_
