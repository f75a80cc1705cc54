// Networks of either engine for Python, and the states of theirs.
#ifndef MAGENTA_SERVING_PYTHON_CPP_LOADED_NETWORK_H_
#define MAGENTA_SERVING_PYTHON_CPP_LOADED_NETWORK_H_

#include <string>

#include "conversions.h"
#include "encoder.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/engine.h"

namespace magenta_serving {

// What `load`, LoadStepModel or LoadNadeModel, makes of the bundle at `path`. Raises
// UnimplementedError when the engine of that name is not the one that runs it.
template <typename Loaded>
Loaded LoadNetwork(absl::StatusOr<Loaded> (*load)(const Bundle&, const EngineOptions&),
                   const std::string& path, const std::string& engine, int threads) {
  EngineOptions options;
  options.engine = ValueOrRaise(EngineNamed(engine));
  options.threads = threads;
  Loaded loaded = ValueOrRaise(load(ValueOrRaise(ReadBundle(path)), options));
  if (loaded.engine != options.engine) Raise(absl::UnimplementedError(loaded.not_native));
  return loaded;
}

// The engine's state for the state tensors of the bundle's graph, side by side: [rows, the graph's
// state_size] -> [rows, the engine's]. Raises InvalidArgumentError for another shape.
Floats StateFromGraph(const LoadedStepModel& loaded, const Floats& state);
Floats StateFromGraph(const LoadedNadeModel& loaded, const Floats& state);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_PYTHON_CPP_LOADED_NETWORK_H_
