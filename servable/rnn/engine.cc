#include "servable/rnn/engine.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/network/network.h"
#include "servable/rnn/graph_compiler.h"
#include "servable/rnn/native_nade_model.h"
#include "servable/rnn/native_step_model.h"
#include "servable/rnn/session_nade_model.h"
#include "servable/rnn/session_step_model.h"
#include "tsl/platform/logging.h"

namespace magenta_serving {
namespace {

using Compile = absl::StatusOr<CompiledGraph> (*)(const Bundle& bundle);

struct Native {
  CompiledGraph compiled;  // without the network's specification
  std::shared_ptr<const Network> network;
};

// Inputs as encoders make them: a few ones among zeros, or the index of a class.
std::vector<float> RandomInput(const CompiledGraph& compiled, std::mt19937* random) {
  std::vector<float> input(compiled.network.input_size);
  const auto below = [&](int limit) { return static_cast<int>((*random)() % limit); };
  if (compiled.network.one_hot_depth > 0) {
    input[0] = static_cast<float>(below(compiled.network.one_hot_depth));
  } else {
    constexpr int kOnes = 3;
    for (int i = 0; i < kOnes; ++i) input[below(compiled.network.input_size)] = 1;
  }
  return input;
}

// As DifferenceFromGraph.
absl::StatusOr<double> Difference(const Bundle& bundle, const Native& native, int num_steps,
                                  uint32_t seed, int threads) {
  std::vector<tensorflow::Tensor> outputs;
  MS_ASSIGN_OR_RETURN(const std::unique_ptr<GraphSession> graph,
                      GraphSession::Create(bundle, threads, /*will_serve=*/false, native.compiled.outputs, &outputs));
  // An RNN-NADE's biases come first in the graph's state, and are no part of the network's.
  const int skipped = static_cast<int>(graph->state_size()) - native.compiled.network.state_size;
  if (skipped < 0) return absl::UnimplementedError("the graph has less state than its nodes say");
  // Two rows where there are more: a run of the graph takes as long as all of its rows.
  const int num_rows = std::min({graph->batch_size(), 2, num_steps});
  struct Row {
    std::vector<float> input, state, output, graph_state;
  };
  std::vector<Row> rows(num_rows);
  for (Row& row : rows) {
    row.graph_state.assign(graph->initial_state().begin(), graph->initial_state().end());
    row.state = native.network->StateFromGraph(graph->initial_state().subspan(skipped));
    row.output.resize(native.network->output_size());
  }
  Workspace workspace;
  std::mt19937 random(seed);
  double difference = 0;
  double largest = 1;
  for (int step = 0; step < num_steps; step += num_rows) {
    std::vector<GraphRow> graph_rows;
    for (Row& row : rows) {
      row.input = RandomInput(native.compiled, &random);
      graph_rows.push_back({row.input, absl::MakeSpan(row.graph_state)});
    }
    MS_RETURN_IF_ERROR(graph->Run(graph_rows, 1, 1.0f, &outputs));
    for (int r = 0; r < num_rows; ++r) {
      Row& row = rows[r];
      native.network->Step({NetworkRow{row.input.data(), row.state.data(), row.output.data()}},
                           &workspace);
      const float* mine = row.output.data();
      for (size_t i = 0; i < outputs.size(); ++i) {
        const int size = native.compiled.output_sizes[i];
        const int64_t begin = int64_t{r} * size;
        if (outputs[i].dtype() != tensorflow::DT_FLOAT || outputs[i].NumElements() < begin + size)
          return absl::UnimplementedError("an output of an unexpected shape");
        const float* theirs = outputs[i].flat<float>().data() + begin;
        for (int k = 0; k < size; ++k, ++mine) {
          // Not by max(): the comparison with NaN must fail.
          const double distance = std::abs(static_cast<double>(*mine) - theirs[k]);
          if (!(distance <= difference)) difference = distance;
          largest = std::max<double>(largest, std::abs(theirs[k]));
        }
      }
    }
  }
  return difference / largest;
}

absl::StatusOr<Native> MakeNative(const Bundle& bundle, Compile compile) {
  Native native;
  MS_ASSIGN_OR_RETURN(native.compiled, compile(bundle));
  MS_ASSIGN_OR_RETURN(native.network,
                      Network::Create(native.compiled.network, *SupportedKernels().front()));
  native.compiled.network.layers.clear();  // their weights are in the network now
  return native;
}

absl::StatusOr<Native> MakeCheckedNative(const Bundle& bundle, Compile compile,
                                         const EngineOptions& options) {
  MS_ASSIGN_OR_RETURN(Native native, MakeNative(bundle, compile));
  if (!options.self_check) return native;
  constexpr int kSteps = 4;
  constexpr double kTolerance = 1e-5;
  MS_ASSIGN_OR_RETURN(const double difference,
                      Difference(bundle, native, kSteps, /*seed=*/0, options.threads));
  if (!(difference <= kTolerance)) {
    return absl::UnimplementedError(
        absl::StrCat("its outputs differ from the graph's by ", difference));
  }
  return native;
}

// Replaces `loaded` by a native network, with the model that `make_model` makes of it; or leaves it
// and says why.
template <typename MakeModel>
absl::Status LoadNative(const Bundle& bundle, Compile compile, const EngineOptions& options,
                        const MakeModel& make_model, LoadedNetwork* loaded) {
  absl::StatusOr<Native> native = MakeCheckedNative(bundle, compile, options);
  if (!native.ok()) {
    if (!absl::IsUnimplemented(native.status())) return native.status();
    loaded->not_native = std::string(native.status().message());
    LOG(WARNING) << "The native engine does not understand the bundle of " << bundle.generator_id
                 << ", which runs in a TensorFlow session: " << loaded->not_native;
    return absl::OkStatus();
  }
  BatchingOptions batching;
  batching.max_drivers = options.threads;
  batching.max_in_flight = options.max_in_flight;
  loaded->engine = Engine::kNative;
  loaded->batcher = std::make_shared<StepBatcher>(native->network, batching);
  return make_model(native->compiled);
}

}  // namespace

const char* EngineName(Engine engine) {
  return engine == Engine::kNative ? "native" : "tensorflow";
}

absl::StatusOr<Engine> EngineNamed(absl::string_view name) {
  for (const Engine engine : {Engine::kNative, Engine::kTensorFlow}) {
    if (name == EngineName(engine)) return engine;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("engine is '", name, "'; it must be 'native' or 'tensorflow'"));
}

absl::StatusOr<LoadedStepModel> LoadStepModel(const Bundle& bundle, const EngineOptions& options) {
  LoadedStepModel loaded;
  if (options.engine == Engine::kNative) {
    MS_RETURN_IF_ERROR(LoadNative(
        bundle, CompileEventRnn, options,
        [&](const CompiledGraph& compiled) {
          loaded.state_sizes = compiled.state_sizes;
          loaded.model = std::make_shared<NativeStepModel>(compiled, loaded.batcher);
          return absl::OkStatus();
        },
        &loaded));
  }
  if (loaded.model == nullptr) {
    MS_ASSIGN_OR_RETURN(std::shared_ptr<const SessionStepModel> model,
                        SessionStepModel::Create(bundle, options.threads));
    loaded.state_sizes = model->state_sizes();
    loaded.model = std::move(model);
  }
  return loaded;
}

absl::StatusOr<LoadedNadeModel> LoadNadeModel(const Bundle& bundle, const EngineOptions& options) {
  LoadedNadeModel loaded;
  if (options.engine == Engine::kNative) {
    MS_RETURN_IF_ERROR(LoadNative(
        bundle, CompileRnnNade, options,
        [&](const CompiledGraph& compiled) -> absl::Status {
          MS_ASSIGN_OR_RETURN(NadeGraph nade, ReadNadeGraph(bundle));
          if (compiled.output_sizes !=
              std::vector<int>{nade.nade.num_hidden(), nade.nade.num_dims()}) {
            return NotAnEventRnn("its RNN does not make the biases of its NADE");
          }
          loaded.state_sizes = compiled.output_sizes;
          loaded.state_sizes.insert(loaded.state_sizes.end(), compiled.state_sizes.begin(),
                                    compiled.state_sizes.end());
          loaded.model =
              std::make_shared<NativeNadeModel>(compiled, std::move(nade), loaded.batcher);
          return absl::OkStatus();
        },
        &loaded));
  }
  if (loaded.model == nullptr) {
    MS_ASSIGN_OR_RETURN(std::shared_ptr<const SessionNadeModel> model,
                        SessionNadeModel::Create(bundle, options.threads));
    loaded.state_sizes = model->state_sizes();
    loaded.model = std::move(model);
  }
  return loaded;
}

absl::StatusOr<double> DifferenceFromGraph(const Bundle& bundle, bool is_nade, int num_steps,
                                           uint32_t seed, int threads) {
  MS_ASSIGN_OR_RETURN(const Native native,
                      MakeNative(bundle, is_nade ? CompileRnnNade : CompileEventRnn));
  return Difference(bundle, native, num_steps, seed, threads);
}

}  // namespace magenta_serving
