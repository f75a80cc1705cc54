// How events are sampled, in Magenta's GeneratorOptions and as a request's arguments.
#ifndef MAGENTA_SERVING_GENERATION_GENERATOR_OPTIONS_H_
#define MAGENTA_SERVING_GENERATION_GENERATOR_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "servable/generation/generate_events.h"
#include "servable/generation/generator.h"

namespace magenta_serving {

// temperature, beam_size, branch_factor and steps_per_iteration, with Magenta's defaults where
// absent. The member that Magenta reads is read whatever was set, so a float_value in beam_size
// reads as 0.
GenerateEventsOptions ReadGenerateEventsOptions(const GeneratorOptions& options);

// The converse: sets those of the four that are among `arguments`.
void SetGenerateEventsOptions(const Arguments& arguments, GeneratorOptions* options);

// Magenta's reading of a flag in the options: false where absent.
bool ReadFlag(const GeneratorOptions& options, const std::string& name);

// The four arguments themselves, as every family but pianoroll takes them: that one has only those
// of BeamArguments.
std::vector<ArgumentSpec> GenerateEventsArguments();
std::vector<ArgumentSpec> BeamArguments();  // beam_size, branch_factor

// INVALID_ARGUMENT, naming the argument and what is allowed, unless those of the four that are
// among `arguments` make sense: Magenta's commands take any value and fail, or not, somewhere
// inside.
absl::Status CheckGenerateEventsArguments(const Arguments& arguments);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_GENERATOR_OPTIONS_H_
