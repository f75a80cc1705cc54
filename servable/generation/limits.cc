#include "servable/generation/limits.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace magenta_serving {

absl::StatusOr<Limits> MakeLimits(const std::map<std::string, int64_t>& values) {
  Limits limits;
  const std::map<std::string, int64_t*> fields = {
      {"max_steps", &limits.max_steps},
      {"max_performance_steps", &limits.max_performance_steps},
      {"max_events", &limits.max_events},
      {"max_outputs", &limits.max_outputs},
      {"max_beams", &limits.max_beams},
      {"max_primer_bytes", &limits.max_primer_bytes},
      {"max_in_flight", &limits.max_in_flight}};
  for (const auto& [name, value] : values) {
    const auto field = fields.find(name);
    if (field == fields.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unknown limit '", name, "'; there are ",
          absl::StrJoin(fields, ", ",
                        [](std::string* out, const auto& known) { out->append(known.first); })));
    }
    if (value < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("limit ", name, " is ", value, "; it must be at least 1"));
    }
    *field->second = value;
  }
  return limits;
}

}  // namespace magenta_serving
