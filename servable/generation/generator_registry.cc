#include "servable/generation/generator_registry.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_join.h"
#include "servable/base/status.h"
#include "servable/generation/drums_generator.h"
#include "servable/generation/improv_generator.h"
#include "servable/generation/melody_generator.h"
#include "servable/generation/performance_generator.h"
#include "servable/generation/pianoroll_generator.h"
#include "servable/generation/polyphony_generator.h"
#include "servable/rnn/session_nade_model.h"
#include "servable/rnn/session_step_model.h"

namespace magenta_serving {
namespace {

using MakeFromStepModel = absl::StatusOr<std::unique_ptr<Generator>> (*)(
    const std::string& generator_id, std::shared_ptr<const StepModel> model);

// Families whose models give distributions over classes.
template <MakeFromStepModel make>
absl::StatusOr<LoadedGenerator> Load(const Bundle& bundle, int threads) {
  MS_ASSIGN_OR_RETURN(std::shared_ptr<const SessionStepModel> model,
                      SessionStepModel::Create(bundle, threads));
  const StepShape& shape = model->shape();
  LoadedGenerator loaded{nullptr, shape.batch_size, shape.input_size, shape.num_classes,
                         model->state_sizes()};
  MS_ASSIGN_OR_RETURN(loaded.generator, make(bundle.generator_id, std::move(model)));
  return loaded;
}

// Pianorolls, whose model samples vectors of bits.
absl::StatusOr<LoadedGenerator> LoadPianoroll(const Bundle& bundle, int threads) {
  MS_ASSIGN_OR_RETURN(std::shared_ptr<const SessionNadeModel> model,
                      SessionNadeModel::Create(bundle, threads));
  LoadedGenerator loaded{nullptr, model->batch_size(), model->nade().num_dims(),
                         /*num_classes=*/0, model->state_sizes()};
  MS_ASSIGN_OR_RETURN(loaded.generator,
                      MakePianorollGenerator(bundle.generator_id, std::move(model)));
  return loaded;
}

struct Family {
  std::vector<std::string> (*generator_ids)();
  absl::StatusOr<LoadedGenerator> (*load)(const Bundle& bundle, int threads);
};

constexpr Family kFamilies[] = {
    {MelodyGeneratorIds, Load<MakeMelodyGenerator>},
    {DrumsGeneratorIds, Load<MakeDrumsGenerator>},
    {ImprovGeneratorIds, Load<MakeImprovGenerator>},
    {PolyphonyGeneratorIds, Load<MakePolyphonyGenerator>},
    {PerformanceGeneratorIds, Load<MakePerformanceGenerator>},
    {PianorollGeneratorIds, LoadPianoroll},
};

}  // namespace

absl::StatusOr<LoadedGenerator> LoadGenerator(const Bundle& bundle, int threads) {
  std::vector<std::string> known;
  for (const Family& family : kFamilies) {
    const std::vector<std::string> ids = family.generator_ids();
    if (absl::c_linear_search(ids, bundle.generator_id)) return family.load(bundle, threads);
    known.insert(known.end(), ids.begin(), ids.end());
  }
  return absl::UnimplementedError(absl::StrCat("no generator for bundles with the id '",
                                               bundle.generator_id, "'; there are generators for ",
                                               absl::StrJoin(known, ", ")));
}

}  // namespace magenta_serving
