// From a bundle to its generator.
#ifndef MAGENTA_SERVING_GENERATION_GENERATOR_REGISTRY_H_
#define MAGENTA_SERVING_GENERATION_GENERATOR_REGISTRY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "servable/bundle/bundle.h"
#include "servable/generation/generator.h"
#include "servable/rnn/engine.h"

namespace magenta_serving {

// A generator with what the graph behind it says of itself, whatever kind of model that is.
struct LoadedGenerator {
  std::unique_ptr<Generator> generator;
  LoadedNetwork network;
  int batch_size = 0;
  int input_size = 0;
  int num_classes = 0;  // 0 for models that are not asked for a distribution over classes
};

// The generator for `bundle`, with its network loaded. Where configs share
// the bundle's id, the graph's sizes tell them apart. UNIMPLEMENTED, naming the ids that there are,
// for an id that no family has; INVALID_ARGUMENT when the graph is not one of a Magenta event RNN
// or its sizes are not those of the id's encoding.
absl::StatusOr<LoadedGenerator> LoadGenerator(const Bundle& bundle,
                                              const EngineOptions& options);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_GENERATOR_REGISTRY_H_
