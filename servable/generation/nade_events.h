// Generation by RNN-NADE models, whose events are vectors of bits that are sampled one bit after
// another. Reproduces magenta/models/pianoroll_rnn_nade/pianoroll_rnn_nade_model.py.
#ifndef MAGENTA_SERVING_GENERATION_NADE_EVENTS_H_
#define MAGENTA_SERVING_GENERATION_NADE_EVENTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/generation/call_context.h"
#include "servable/generation/event_track.h"
#include "servable/generation/generate_events.h"
#include "servable/generation/numpy_random.h"
#include "servable/rnn/nade_model.h"

namespace magenta_serving {

struct NadeEventsOptions {
  BeamSearchOptions beam_search;
  // Draw each bit, also in models whose graph keeps those that are more likely than not
  // (NadeModel::thresholds). Models whose graph draws always do.
  bool draw = false;
  // Serve models whose graph has no column of log-likelihoods, with which Magenta fails.
  bool repair_log_prob = false;
};

// Draws the bits of one sample: a bit is random < its probability, with a random number of [0, 1)
// in float32 for each bit, in order. Writes them to `bits`, [num_dims], and returns their
// log-likelihood.
float DrawBits(const Nade& nade, absl::Span<const float> b_enc, absl::Span<const float> b_dec,
               NumpyRandom* random, absl::Span<float> bits);

// As GenerateEvents, for a track whose classes have one number, 0 or 1, for each bit. Bits are
// drawn by DrawBits, sequence after sequence; rows that only fill the graph's batch draw none. The
// log-likelihood is that of the sampled events alone. As in Magenta, an event is sampled from the
// state that its step is fed: the first from the initial one, whatever the primer. IndexError, as
// numpy's, where Magenta fails.
absl::StatusOr<GeneratedEvents> GenerateNadeEvents(const NadeModel& model,
                                                   const EventTrack& primer, int64_t num_steps,
                                                   const NadeEventsOptions& options,
                                                   NumpyRandom* random, const CallContext& context);

// log P(event i | events before it) for all events, as RnnNade.log_prob of
// pianoroll_rnn_nade_graph.py: the first one's is that after an event of zeros. INVALID_ARGUMENT
// when the track is empty or has more than limits.max_events.
absl::StatusOr<std::vector<double>> NadeEventLogLikelihoods(const NadeModel& model,
                                                            const EventTrack& track,
                                                            const CallContext& context);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_NADE_EVENTS_H_
