#include "servable/generation/nade_events.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "servable/base/status.h"

namespace magenta_serving {
namespace {

// Checks what the biases of a run take. It is over all events at once: see NadeModel::Step for
// which of its biases a row gets.
absl::Status CheckRun(const Nade& nade, int64_t num_events, const BeamSearchOptions& options) {
  constexpr int64_t kMaxValues = int64_t{1} << 24;
  const int64_t beams = int64_t{options.beam_size} * std::max(options.branch_factor, 1);
  const int64_t values = (int64_t{nade.num_dims()} + nade.num_hidden()) * num_events;
  if (beams <= kMaxValues / std::max<int64_t>(values, 1)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a primer of ", num_events, " events is too long for ", beams, " beams"));
}

// Extends all entries of a beam by one event.
class NadeStepper {
 public:
  NadeStepper(const NadeModel& model, const NadeEventsOptions& options, NumpyRandom* random,
              const CallContext& context)
      : model_(model), options_(options), random_(random), context_(context) {}

  absl::Status operator()(std::vector<BeamEntry>& entries) {
    MS_RETURN_IF_ERROR(context_.CheckWanted());
    if (!model_.has_log_prob_column() && !options_.repair_log_prob) {
      return MagentaError("IndexError",
                          "too many indices for array: array is 1-dimensional, but 2 were indexed");
    }
    const size_t num_dims = model_.nade().num_dims();
    samples_.resize(entries.size() * num_dims);
    log_likelihoods_.resize(entries.size());
    const bool draw = options_.draw || !model_.thresholds();
    // Drawn before the step, which replaces the state.
    if (draw) {
      drawn_ = samples_;
      drawn_log_likelihoods_ = log_likelihoods_;
      for (size_t i = 0; i < entries.size(); ++i) Draw(entries[i], i);
    }
    std::vector<NadeRow> rows;
    rows.reserve(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      rows.push_back({*entries[i].inputs, absl::MakeSpan(entries[i].rnn_state),
                      absl::MakeSpan(samples_).subspan(i * num_dims, num_dims),
                      &log_likelihoods_[i]});
    }
    MS_RETURN_IF_ERROR(model_.Step(rows, static_cast<int>(entries[0].inputs->size() / num_dims)));
    context_.CountSteps(static_cast<int64_t>(entries.size()));
    if (draw) {
      samples_.swap(drawn_);
      log_likelihoods_.swap(drawn_log_likelihoods_);
    }
    for (size_t i = 0; i < entries.size(); ++i) MS_RETURN_IF_ERROR(Extend(entries[i], i));
    return absl::OkStatus();
  }

 private:
  void Draw(const BeamEntry& entry, size_t row) {
    const Nade& nade = model_.nade();
    const absl::Span<const float> state = entry.rnn_state;
    drawn_log_likelihoods_[row] =
        DrawBits(nade, state.subspan(0, nade.num_hidden()),
                 state.subspan(nade.num_hidden(), nade.num_dims()), random_,
                 absl::MakeSpan(drawn_).subspan(row * nade.num_dims(), nade.num_dims()));
  }

  absl::Status Extend(BeamEntry& entry, size_t row) {
    const size_t num_dims = model_.nade().num_dims();
    const float* bits = samples_.data() + row * num_dims;
    std::vector<int> classes(num_dims);
    for (size_t i = 0; i < num_dims; ++i) classes[i] = bits[i] != 0 ? 1 : 0;
    MS_RETURN_IF_ERROR(entry.track->Extend(classes));
    entry.score += log_likelihoods_[row];
    return entry.Encode(entry.track->size() - 1);
  }

  const NadeModel& model_;
  const NadeEventsOptions& options_;
  NumpyRandom* random_;
  const CallContext& context_;
  std::vector<float> samples_, drawn_;                          // [entries, num_dims]
  std::vector<float> log_likelihoods_, drawn_log_likelihoods_;  // [entries]
};

}  // namespace

float DrawBits(const Nade& nade, absl::Span<const float> b_enc, absl::Span<const float> b_dec,
               NumpyRandom* random, absl::Span<float> bits) {
  return nade.Choose(b_enc, b_dec, [&](int dim, float probability) {
    const bool bit = static_cast<float>(random->RandomSample()) < probability;
    bits[dim] = bit ? 1.0f : 0.0f;
    return bit;
  });
}

absl::StatusOr<GeneratedEvents> GenerateNadeEvents(const NadeModel& model,
                                                   const EventTrack& primer, int64_t num_steps,
                                                   const NadeEventsOptions& options,
                                                   NumpyRandom* random,
                                                   const CallContext& context) {
  GenerateEventsOptions search;
  search.beam_search = options.beam_search;
  const auto start = [&](BeamEntry* entry) -> absl::Status {
    MS_RETURN_IF_ERROR(CheckRun(model.nade(), entry->track->size(), options.beam_search));
    return entry->Encode(0);
  };
  return SearchEvents(primer, num_steps, model.initial_state(), search, start,
                      NadeStepper(model, options, random, context), context);
}

absl::StatusOr<std::vector<double>> NadeEventLogLikelihoods(const NadeModel& model,
                                                            const EventTrack& track,
                                                            const CallContext& context) {
  const int num_events = track.size();
  if (num_events < 1) return absl::InvalidArgumentError("an empty sequence cannot be scored");
  MS_RETURN_IF_ERROR(CheckNumEvents(num_events, context.limits));
  MS_RETURN_IF_ERROR(CheckRun(model.nade(), num_events, {}));
  MS_RETURN_IF_ERROR(context.CheckWanted());
  const Nade& nade = model.nade();
  const size_t num_dims = nade.num_dims();
  const size_t num_hidden = nade.num_hidden();
  std::vector<float> inputs;
  MS_RETURN_IF_ERROR(track.Encode(0, num_events - 1, &inputs));
  inputs.insert(inputs.begin(), num_dims, 0.0f);
  std::vector<float> b_enc, b_dec;
  MS_RETURN_IF_ERROR(model.Biases(inputs, num_events, &b_enc, &b_dec));

  std::vector<double> log_likelihoods(num_events);
  std::vector<int> classes(num_dims);
  for (int i = 0; i < num_events; ++i) {
    MS_RETURN_IF_ERROR(track.Label(i, absl::MakeSpan(classes)));
    log_likelihoods[i] = nade.Choose(
        absl::MakeConstSpan(b_enc).subspan(i * num_hidden, num_hidden),
        absl::MakeConstSpan(b_dec).subspan(i * num_dims, num_dims),
        [&](int dim, float probability) { return classes[dim] != 0; });
  }
  return log_likelihoods;
}

}  // namespace magenta_serving
