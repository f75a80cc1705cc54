// Beam search over event tracks. Reproduces magenta/common/beam_search.py.
#ifndef MAGENTA_SERVING_GENERATION_BEAM_SEARCH_H_
#define MAGENTA_SERVING_GENERATION_BEAM_SEARCH_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/base/status.h"
#include "servable/generation/event_track.h"

namespace magenta_serving {

// One sequence of the beam with what its next step needs.
struct BeamEntry {
  std::unique_ptr<EventTrack> track;
  // [steps, input_size], not fed yet; copies share them.
  std::shared_ptr<const std::vector<float>> inputs;
  std::vector<float> rnn_state;  // [state_size], before `inputs`
  float score = 0;               // log-likelihood up to the last event that was sampled
  // That of the events that were run over since then, summed in double.
  double fed_log_likelihood = 0;

  BeamEntry DeepCopy() const {
    return {track->DeepCopy(), inputs, rnn_state, score, fed_log_likelihood};
  }

  // Makes the events of the track from `begin` on its inputs.
  absl::Status Encode(int begin) {
    auto encoded = std::make_shared<std::vector<float>>();
    MS_RETURN_IF_ERROR(track->Encode(begin, track->size(), encoded.get()));
    inputs = std::move(encoded);
    return absl::OkStatus();
  }
};

// How a beam is searched, as Magenta's arguments of these names.
struct BeamSearchOptions {
  int beam_size = 1;            // sequences kept after each iteration
  int branch_factor = 1;        // continuations of each of them; below 2 means one, without copies
  int steps_per_iteration = 1;  // events between two choices
};

// Extends every entry by one event.
using StepFunction = std::function<absl::Status(std::vector<BeamEntry>& entries)>;

// Extends copies of `initial` by `num_steps` events each and returns the one with the highest
// score; the first of equals. Generation is by sampling, so a beam of size k runs k samplers.
// Python's errors for odd options are reproduced: ZeroDivisionError for steps_per_iteration 0,
// IndexError for beam_size below 1; a negative steps_per_iteration generates what Python's
// arithmetic makes of it (one event, or none).
absl::StatusOr<BeamEntry> BeamSearch(const BeamEntry& initial, int64_t num_steps,
                                     const BeamSearchOptions& options, const StepFunction& step);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_BEAM_SEARCH_H_
