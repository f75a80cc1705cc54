#include "servable/generation/generate_events.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "servable/base/status.h"
#include "servable/generation/numpy_log.h"

namespace magenta_serving {
namespace {

constexpr char kModelError[] = "EventSequenceRnnModelError";

absl::Status CheckLimits(int64_t num_steps, const BeamSearchOptions& options,
                         const Limits& limits) {
  if (num_steps > limits.max_steps) {
    return absl::InvalidArgumentError(absl::StrCat("the sequence would have ", num_steps,
                                                   " steps; max_steps is ", limits.max_steps));
  }
  const int64_t beams = int64_t{options.beam_size} * std::max(options.branch_factor, 1);
  if (beams > limits.max_beams) {
    return absl::InvalidArgumentError(
        absl::StrCat("beam_size ", options.beam_size, " x branch_factor ", options.branch_factor,
                     " is ", beams, "; max_beams is ", limits.max_beams));
  }
  return absl::OkStatus();
}

// Extends all entries of a beam by one event.
class Stepper {
 public:
  Stepper(const StepModel& model, double temperature, NumpyRandom* random,
          const CallContext& context)
      : model_(model),
        temperature_(static_cast<float>(temperature)),
        random_(random),
        context_(context) {}

  absl::Status operator()(std::vector<BeamEntry>& entries) {
    MS_RETURN_IF_ERROR(context_.CheckDeadline());
    const StepShape& shape = model_.shape();
    const size_t num_steps = entries[0].inputs.size() / shape.input_size;
    const size_t row_softmax = num_steps * shape.num_classes;
    softmax_.resize(entries.size() * row_softmax);
    std::vector<StepRow> rows;
    rows.reserve(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      rows.push_back(
          {entries[i].inputs, absl::MakeSpan(entries[i].rnn_state), SoftmaxOf(i, row_softmax)});
    }
    MS_RETURN_IF_ERROR(model_.Step(rows, static_cast<int>(num_steps), temperature_));
    for (size_t i = 0; i < entries.size(); ++i) {
      MS_RETURN_IF_ERROR(
          Extend(entries[i], static_cast<int>(num_steps), SoftmaxOf(i, row_softmax)));
    }
    // Magenta fills the last batch with copies of its last row and samples for those too.
    random_->Skip((shape.batch_size - entries.size() % shape.batch_size) % shape.batch_size);
    return absl::OkStatus();
  }

 private:
  absl::Span<float> SoftmaxOf(size_t row, size_t row_softmax) {
    return absl::MakeSpan(softmax_).subspan(row * row_softmax, row_softmax);
  }

  absl::Status Extend(BeamEntry& entry, int num_steps, absl::Span<const float> softmax) {
    const size_t num_classes = model_.shape().num_classes;
    // A run of many steps was the primer's: its own likelihood counts. Summed in double, while the
    // score is float32.
    double log_likelihood = 0;
    for (int i = 0; i + 1 < num_steps; ++i) {
      MS_ASSIGN_OR_RETURN(const int label,
                          entry.track->Label(entry.track->size() - num_steps + 1 + i));
      log_likelihood += NumpyLog(softmax[i * num_classes + label]);
    }
    const absl::Span<const float> next = softmax.subspan((num_steps - 1) * num_classes);
    MS_ASSIGN_OR_RETURN(const int index, random_->Choice(next));
    MS_RETURN_IF_ERROR(entry.track->Extend(index));
    entry.score = static_cast<float>(entry.score + (log_likelihood + NumpyLog(next[index])));
    return entry.track->Encode(entry.track->size() - 1, entry.track->size(), &entry.inputs);
  }

  const StepModel& model_;
  const float temperature_;
  NumpyRandom* random_;
  const CallContext& context_;
  std::vector<float> softmax_;  // [entries, num_steps, num_classes]
};

}  // namespace

absl::StatusOr<GeneratedEvents> GenerateEvents(const StepModel& model, const EventTrack& primer,
                                               int64_t num_steps,
                                               const GenerateEventsOptions& options,
                                               NumpyRandom* random, const CallContext& context) {
  if (primer.size() == 0)
    return MagentaError(kModelError, "primer sequence must have non-zero length");
  if (primer.size() >= num_steps) {
    return MagentaError(kModelError, "primer sequence must be shorter than `num_steps`");
  }
  MS_RETURN_IF_ERROR(CheckLimits(num_steps, options.beam_search, context.limits));

  BeamEntry initial;
  initial.track = primer.DeepCopy();
  MS_RETURN_IF_ERROR(initial.track->Encode(0, primer.size(), &initial.inputs));
  initial.rnn_state.assign(model.initial_state().begin(), model.initial_state().end());
  MS_ASSIGN_OR_RETURN(BeamEntry best,
                      BeamSearch(initial, num_steps - primer.size(), options.beam_search,
                                 Stepper(model, options.temperature, random, context)));
  return GeneratedEvents{std::move(best.track), best.score};
}

absl::StatusOr<std::vector<float>> EventLogLikelihoods(const StepModel& model,
                                                       const EventTrack& track,
                                                       const CallContext& context) {
  const int num_steps = track.size() - 1;
  if (num_steps < 1)
    return absl::InvalidArgumentError("a sequence needs at least two events to be scored");
  MS_RETURN_IF_ERROR(CheckLimits(track.size(), {}, context.limits));
  MS_RETURN_IF_ERROR(context.CheckDeadline());
  const size_t num_classes = model.shape().num_classes;
  std::vector<float> inputs;
  MS_RETURN_IF_ERROR(track.Encode(0, num_steps, &inputs));
  std::vector<float> state(model.initial_state().begin(), model.initial_state().end());
  std::vector<float> softmax(num_steps * num_classes);
  MS_RETURN_IF_ERROR(model.Step({StepRow{inputs, absl::MakeSpan(state), absl::MakeSpan(softmax)}},
                                num_steps, 1.0f));
  std::vector<float> log_likelihoods(num_steps);
  for (int i = 0; i < num_steps; ++i) {
    MS_ASSIGN_OR_RETURN(const int label, track.Label(i + 1));
    log_likelihoods[i] = NumpyLog(softmax[i * num_classes + label]);
  }
  return log_likelihoods;
}

}  // namespace magenta_serving
