// A generator of each family on scripted models: what requests meet before and after the network.
#ifndef MAGENTA_SERVING_FUZZ_GENERATORS_H_
#define MAGENTA_SERVING_FUZZ_GENERATORS_H_

#include <memory>
#include <vector>

#include "servable/generation/drums_generator.h"
#include "servable/generation/improv_generator.h"
#include "servable/generation/melody_generator.h"
#include "servable/generation/performance_generator.h"
#include "servable/generation/pianoroll_generator.h"
#include "servable/generation/polyphony_generator.h"
#include "servable/generation/test_util/scripted_nade_model.h"
#include "servable/generation/test_util/scripted_step_model.h"

namespace magenta_serving {

inline const std::vector<std::unique_ptr<Generator>>& Generators() {
  static const auto* generators = [] {
    // The numbers of classes are those of the configs' encodings.
    const auto model = [](int num_classes, int num_control_classes = 0) {
      return std::make_shared<ScriptedStepModel>(num_classes, 1, num_control_classes);
    };
    auto* made = new std::vector<std::unique_ptr<Generator>>;
    made->push_back(MakeMelodyGenerator("basic_rnn", model(38)).value());
    made->push_back(MakeDrumsGenerator("one_drum", model(2)).value());
    made->push_back(MakeImprovGenerator("basic_improv", model(38, 49)).value());
    made->push_back(MakePolyphonyGenerator("polyphony", model(259)).value());
    made->push_back(MakePerformanceGenerator("performance", model(356)).value());
    made->push_back(MakePianorollGenerator("rnn-nade", std::make_shared<ScriptedNadeModel>(
                                                           ScriptedNadeModel::Options()))
                        .value());
    return made;
  }();
  return *generators;
}

// Bounds under which any request is answered in a moment.
inline CallContext SmallContext() {
  CallContext context;
  context.limits.max_steps = 32;
  context.limits.max_performance_steps = 64;
  context.limits.max_events = 128;
  context.limits.max_beams = 4;
  return context;
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_FUZZ_GENERATORS_H_
