// Generators of the pianoroll_rnn_nade family: rnn-nade, rnn-nade_attn. Reproduces
// magenta/models/pianoroll_rnn_nade: pianoroll_rnn_nade_sequence_generator.py and
// pianoroll_rnn_nade_generate.py.
#ifndef MAGENTA_SERVING_GENERATION_PIANOROLL_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_PIANOROLL_GENERATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/generation/generator.h"
#include "servable/rnn/nade_model.h"

namespace magenta_serving {

std::vector<std::string> PianorollGeneratorIds();

// `generator_id` is one of PianorollGeneratorIds(). INVALID_ARGUMENT when `model` is not one of a
// piano's keys.
//
// Generate reads one argument that Magenta does not have: options.args["sample"], a bool. Where it
// is there, bundles of Magenta 2.1.4 are served, with which Magenta always fails (as Generate does
// without it), and with true they draw notes instead of keeping those that are more likely than
// not. MakeInput sets it.
absl::StatusOr<std::unique_ptr<Generator>> MakePianorollGenerator(
    const std::string& generator_id, std::shared_ptr<const NadeModel> model);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_PIANOROLL_GENERATOR_H_
