// Generators of the performance_rnn family. Reproduces magenta/models/performance_rnn:
// performance_model.py, performance_sequence_generator.py and performance_rnn_generate.py.
#ifndef MAGENTA_SERVING_GENERATION_PERFORMANCE_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_PERFORMANCE_GENERATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/generation/generator.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

// An argument of GeneratorOptions that Magenta has not: a bool_value, false when absent. Magenta's
// fill_generate_section, which is the generator's there: true in performance_rnn_generate, and so
// in what MakeInput makes; false in its get_generator_map(), and so here by default. True goes on
// generating in rounds until the section is full, or max_events are reached, where Magenta might go
// on for ever. False generates once, as many events as are expected to fill it; a section that they
// do not fill ends in silence.
//
// Bundles of the note encoding cannot be run by Magenta at all, since their graphs have lost what
// tells the model's six distributions. Without fill_generate_section they fail as there, with an
// IndexError. With it, that is repaired and so is the length: notes end with the section, as those
// of the other encodings do, where Magenta would find that they do not and raise AssertionError.
inline constexpr char kFillGenerateSection[] = "fill_generate_section";

// `generator_id` is one of PerformanceConfigs(). INVALID_ARGUMENT when `model` does not fit
// any config with that id.
absl::StatusOr<std::unique_ptr<Generator>> MakePerformanceGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_PERFORMANCE_GENERATOR_H_
