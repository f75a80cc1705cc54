// Chooses what runs a bundle's network.
#ifndef MAGENTA_SERVING_RNN_ENGINE_H_
#define MAGENTA_SERVING_RNN_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/batching/step_batcher.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/graph_session.h"
#include "servable/rnn/nade_model.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

enum class Engine {
  kNative,      // our own kernels, where the graph is recognised and passes the check
  kTensorFlow,  // the bundle's graph in a TensorFlow session
};

// "native" and "tensorflow".
const char* EngineName(Engine engine);

// INVALID_ARGUMENT for another name.
absl::StatusOr<Engine> EngineNamed(absl::string_view name);

struct EngineOptions {
  Engine engine = Engine::kNative;
  bool self_check = true;         // compares the native network with the bundle's graph at load
  int threads = kDefaultThreads;  // that compute: see BatchingOptions and GraphSession::Create
  int max_in_flight = 1024;       // sequences on a native network
};

// What an engine made of a bundle, beside the model.
struct LoadedNetwork {
  Engine engine = Engine::kTensorFlow;
  std::string not_native;        // why a native engine was asked for and is not used; or empty
  std::vector<int> state_sizes;  // values of one row in each of the graph's state tensors
  std::shared_ptr<StepBatcher> batcher;  // of a native network
};

struct LoadedStepModel : LoadedNetwork {
  std::shared_ptr<const StepModel> model;
};

struct LoadedNadeModel : LoadedNetwork {
  std::shared_ptr<const NadeModel> model;
};

// The model of an event RNN, or of an RNN-NADE. A graph that the native engine does not understand,
// or that it computes otherwise, runs in a session, and the log says why. Errors as
// SessionStepModel and SessionNadeModel.
absl::StatusOr<LoadedStepModel> LoadStepModel(const Bundle& bundle, const EngineOptions& options);
absl::StatusOr<LoadedNadeModel> LoadNadeModel(const Bundle& bundle, const EngineOptions& options);

// The largest difference between the outputs of the native network and those of the graph, over
// `num_steps` steps of inputs drawn by `seed` (those of two sequences together, where the graph has
// rows for them), as a part of the largest output or, if that is less, of 1. For RNN-NADEs `is_nade`
// is true. UNIMPLEMENTED when the graph is not understood.
absl::StatusOr<double> DifferenceFromGraph(const Bundle& bundle, bool is_nade, int num_steps,
                                           uint32_t seed, int threads);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_ENGINE_H_
