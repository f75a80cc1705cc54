// Generators of the improv_rnn family, melodies over chords: basic_improv, attention_improv,
// chord_pitches_improv. Reproduces magenta/models/improv_rnn: improv_rnn_model.py,
// improv_rnn_sequence_generator.py and improv_rnn_generate.py.
#ifndef MAGENTA_SERVING_GENERATION_IMPROV_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_IMPROV_GENERATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/encoding/conditional_event_sequence_encoder_decoder.h"
#include "servable/generation/generator.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

// Chord symbols control melody events.
using ImprovEncoderDecoder = ConditionalEventSequenceEncoderDecoder<std::string, int>;

struct ImprovConfig {
  std::string id;
  int min_note = 48;  // lowest pitch that the model knows
  int max_note = 84;  // one above the highest
  int steps_per_quarter = 4;
  std::unique_ptr<ImprovEncoderDecoder> (*make_encoder_decoder)(int min_note, int max_note);
};

const std::vector<ImprovConfig>& ImprovConfigs();

// `generator_id` is one of ImprovConfigs(). INVALID_ARGUMENT when `model` does not fit the config's
// encoding.
absl::StatusOr<std::unique_ptr<Generator>> MakeImprovGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_IMPROV_GENERATOR_H_
