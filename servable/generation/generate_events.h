// Sampling events from a recurrent network, and scoring given ones.
// Reproduces magenta/models/shared/events_rnn_model.py.
#ifndef MAGENTA_SERVING_GENERATION_GENERATE_EVENTS_H_
#define MAGENTA_SERVING_GENERATION_GENERATE_EVENTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/generation/beam_search.h"
#include "servable/generation/call_context.h"
#include "servable/generation/event_track.h"
#include "servable/generation/numpy_random.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

struct GenerateEventsOptions {
  double temperature = 1.0;  // divides the logits: below 1 more predictable, above 1 more random
  BeamSearchOptions beam_search;
  // May append events to a track by itself: called on the primer and after each sampled event. What
  // it appends is fed together with the event before, and does not count as a step.
  std::function<absl::Status(EventTrack&)> modify_events;
};

struct GeneratedEvents {
  std::unique_ptr<EventTrack> track;  // begins with the primer
  // Of the track's events after its first one, as Magenta's beam search sums them.
  float log_likelihood = 0;

  // The track as what it is: that of the primer.
  template <typename Track>
  const Track& As() const {
    return static_cast<const Track&>(*track);
  }
};

// INVALID_ARGUMENT when a sequence of so many events is over limits.max_events.
absl::Status CheckNumEvents(int64_t num_events, const Limits& limits);

// What GenerateEvents does whatever the model: adds num_steps - primer.size() events to `primer` by
// `step`. `initial_state` is that of a sequence before its first event. `start` sets the inputs of
// the entry that the beam begins with; it may run over events before them. Errors as
// GenerateEvents', but for those of `start` and `step`.
absl::StatusOr<GeneratedEvents> SearchEvents(
    const EventTrack& primer, int64_t num_steps, absl::Span<const float> initial_state,
    const GenerateEventsOptions& options,
    const std::function<absl::Status(BeamEntry* entry)>& start, const StepFunction& step,
    const CallContext& context);

// Samples num_steps - primer.size() events after `primer`, drawing from `random`. Errors:
// EventSequenceRnnModelError for an empty primer or one that is not shorter than num_steps,
// ValueError for probabilities that are not (a temperature of 0), and, as numpy's, for tracks of
// one batch to which modify_events appended different numbers of events; those of BeamSearch and of
// the track's encoding; DEADLINE_EXCEEDED, and INVALID_ARGUMENT over limits.max_events or
// max_beams.
absl::StatusOr<GeneratedEvents> GenerateEvents(const StepModel& model, const EventTrack& primer,
                                               int64_t num_steps,
                                               const GenerateEventsOptions& options,
                                               NumpyRandom* random, const CallContext& context);

// Extends `primer` in rounds, for models whose events do not tell beforehand how many of them fill
// a time: each round is a GenerateEvents whose primer is the result of the round before, until
// `events_to_add` gives 0 for it. INVALID_ARGUMENT when the rounds together would run over more
// than limits.max_events events, where Magenta's loop may have no end. Without any round, the
// result is the primer with a log-likelihood of 0.
absl::StatusOr<GeneratedEvents> GenerateRounds(
    const StepModel& model, const EventTrack& primer,
    const std::function<int64_t(const EventTrack&)>& events_to_add,
    const GenerateEventsOptions& options, NumpyRandom* random, const CallContext& context);

// log P(event i | events before it) for i = 1 .. size - 1. INVALID_ARGUMENT when the track has
// fewer than two events or more than limits.max_events.
absl::StatusOr<std::vector<double>> EventLogLikelihoods(const StepModel& model,
                                                        const EventTrack& track,
                                                        const CallContext& context);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_GENERATE_EVENTS_H_
