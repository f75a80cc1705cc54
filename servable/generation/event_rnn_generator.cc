#include "servable/generation/event_rnn_generator.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "servable/generation/generate_events.h"

namespace magenta_serving {

absl::StatusOr<std::vector<double>> EventRnnGenerator::LogLikelihoods(
    const EventTrack& track, const CallContext& context) const {
  return EventLogLikelihoods(*model_, track, context);
}

absl::Status CheckModelShape(const std::string& config, const StepShape& model, int input_size,
                             const std::vector<int>& head_sizes) {
  if (model.input_size == input_size && model.head_sizes == head_sizes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the bundle's graph takes inputs of ", model.input_size, " and gives ",
                   absl::StrJoin(model.head_sizes, " x "), " classes; ", config,
                   " encodes events in ", input_size, " and ", absl::StrJoin(head_sizes, " x ")));
}

}  // namespace magenta_serving
