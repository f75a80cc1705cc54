// Sampling events from a recurrent network, and scoring given ones.
// Reproduces magenta/models/shared/events_rnn_model.py.
#ifndef MAGENTA_SERVING_GENERATION_GENERATE_EVENTS_H_
#define MAGENTA_SERVING_GENERATION_GENERATE_EVENTS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/generation/beam_search.h"
#include "servable/generation/call_context.h"
#include "servable/generation/event_track.h"
#include "servable/generation/numpy_random.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

struct GenerateEventsOptions {
  double temperature = 1.0;  // divides the logits: below 1 more predictable, above 1 more random
  BeamSearchOptions beam_search;
};

struct GeneratedEvents {
  std::unique_ptr<EventTrack> track;  // begins with the primer
  // Of the track's events after its first one, as Magenta's beam search sums them.
  float log_likelihood = 0;
};

// Extends `primer` to `num_steps` events, drawing from `random`. Errors: EventSequenceRnnModelError
// for an empty primer or one that is not shorter than num_steps, ValueError for probabilities that
// are not (a temperature of 0), those of BeamSearch and of the track's encoding; DEADLINE_EXCEEDED,
// and INVALID_ARGUMENT over limits.max_steps or max_beams.
absl::StatusOr<GeneratedEvents> GenerateEvents(const StepModel& model, const EventTrack& primer,
                                               int64_t num_steps,
                                               const GenerateEventsOptions& options,
                                               NumpyRandom* random, const CallContext& context);

// log P(event i | events before it) for i = 1 .. size - 1. INVALID_ARGUMENT when the track has
// fewer than two events or more than limits.max_steps.
absl::StatusOr<std::vector<float>> EventLogLikelihoods(const StepModel& model,
                                                       const EventTrack& track,
                                                       const CallContext& context);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_GENERATE_EVENTS_H_
