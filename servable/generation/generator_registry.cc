#include "servable/generation/generator_registry.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_join.h"
#include "servable/base/status.h"
#include "servable/generation/config_table.h"
#include "servable/generation/drums_generator.h"
#include "servable/generation/improv_generator.h"
#include "servable/generation/melody_generator.h"
#include "servable/generation/performance_config.h"
#include "servable/generation/performance_generator.h"
#include "servable/generation/pianoroll_generator.h"
#include "servable/generation/polyphony_generator.h"

namespace magenta_serving {
namespace {

using MakeFromStepModel = absl::StatusOr<std::unique_ptr<Generator>> (*)(
    const std::string& generator_id, std::shared_ptr<const StepModel> model);

// Families whose models give distributions over classes.
template <MakeFromStepModel make>
absl::StatusOr<LoadedGenerator> Load(const Bundle& bundle, const EngineOptions& options) {
  MS_ASSIGN_OR_RETURN(const LoadedStepModel network, LoadStepModel(bundle, options));
  const StepShape& shape = network.model->shape();
  LoadedGenerator loaded{nullptr, network, shape.batch_size, shape.input_size, shape.num_classes};
  MS_ASSIGN_OR_RETURN(loaded.generator, make(bundle.generator_id, network.model));
  return loaded;
}

// Pianorolls, whose model samples vectors of bits.
absl::StatusOr<LoadedGenerator> LoadPianoroll(const Bundle& bundle, const EngineOptions& options) {
  MS_ASSIGN_OR_RETURN(const LoadedNadeModel network, LoadNadeModel(bundle, options));
  LoadedGenerator loaded{nullptr, network, network.model->batch_size(),
                         network.model->nade().num_dims(), /*num_classes=*/0};
  MS_ASSIGN_OR_RETURN(loaded.generator, MakePianorollGenerator(bundle.generator_id, network.model));
  return loaded;
}

struct Family {
  std::vector<std::string> (*generator_ids)();
  absl::StatusOr<LoadedGenerator> (*load)(const Bundle& bundle, const EngineOptions& options);
};

constexpr Family kFamilies[] = {
    {[] { return ConfigIds(MelodyConfigs()); }, Load<MakeMelodyGenerator>},
    {[] { return ConfigIds(DrumsConfigs()); }, Load<MakeDrumsGenerator>},
    {[] { return ConfigIds(ImprovConfigs()); }, Load<MakeImprovGenerator>},
    {[] { return ConfigIds(PolyphonyConfigs()); }, Load<MakePolyphonyGenerator>},
    {[] { return ConfigIds(PerformanceConfigs()); }, Load<MakePerformanceGenerator>},
    {PianorollGeneratorIds, LoadPianoroll},
};

}  // namespace

absl::StatusOr<LoadedGenerator> LoadGenerator(const Bundle& bundle, const EngineOptions& options) {
  std::vector<std::string> known;
  for (const Family& family : kFamilies) {
    const std::vector<std::string> ids = family.generator_ids();
    if (absl::c_linear_search(ids, bundle.generator_id)) return family.load(bundle, options);
    known.insert(known.end(), ids.begin(), ids.end());
  }
  return absl::UnimplementedError(absl::StrCat("no generator for bundles with the id '",
                                               bundle.generator_id, "'; there are generators for ",
                                               absl::StrJoin(known, ", ")));
}

}  // namespace magenta_serving
