#include "servable/generation/generator_registry.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_join.h"
#include "servable/base/status.h"
#include "servable/generation/melody_generator.h"

namespace magenta_serving {
namespace {

struct Family {
  std::vector<std::string> (*generator_ids)();
  absl::StatusOr<std::unique_ptr<Generator>> (*make)(const std::string& generator_id,
                                                     std::shared_ptr<const StepModel> model);
};

constexpr Family kFamilies[] = {
    {MelodyGeneratorIds, MakeMelodyGenerator},
};

const Family* FindFamily(const std::string& generator_id) {
  for (const Family& family : kFamilies) {
    if (absl::c_linear_search(family.generator_ids(), generator_id)) return &family;
  }
  return nullptr;
}

}  // namespace

absl::Status CheckGeneratorId(const std::string& generator_id) {
  if (FindFamily(generator_id) != nullptr) return absl::OkStatus();
  std::vector<std::string> known;
  for (const Family& family : kFamilies) {
    for (const std::string& id : family.generator_ids()) known.push_back(id);
  }
  return absl::UnimplementedError(absl::StrCat("no generator for bundles with the id '",
                                               generator_id, "'; there are generators for ",
                                               absl::StrJoin(known, ", ")));
}

absl::StatusOr<std::unique_ptr<Generator>> MakeGenerator(const std::string& generator_id,
                                                         std::shared_ptr<const StepModel> model) {
  MS_RETURN_IF_ERROR(CheckGeneratorId(generator_id));
  return FindFamily(generator_id)->make(generator_id, std::move(model));
}

}  // namespace magenta_serving
