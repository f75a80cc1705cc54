// From a bundle's id to its generator.
#ifndef MAGENTA_SERVING_GENERATION_GENERATOR_REGISTRY_H_
#define MAGENTA_SERVING_GENERATION_GENERATOR_REGISTRY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/generation/generator.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

// UNIMPLEMENTED, naming those that there are, for an id that no family has.
absl::Status CheckGeneratorId(const std::string& generator_id);

// The generator for bundles with this id, on `model`. INVALID_ARGUMENT when the model's sizes are
// not those of the id's encoding; as CheckGeneratorId for an unknown id.
absl::StatusOr<std::unique_ptr<Generator>> MakeGenerator(const std::string& generator_id,
                                                         std::shared_ptr<const StepModel> model);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_GENERATOR_REGISTRY_H_
