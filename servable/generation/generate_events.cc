#include "servable/generation/generate_events.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "servable/base/status.h"
#include "servable/generation/numpy_log.h"

namespace magenta_serving {
namespace {

constexpr char kModelError[] = "EventSequenceRnnModelError";

absl::Status CheckBeams(const BeamSearchOptions& options, const Limits& limits) {
  const int64_t beams = int64_t{options.beam_size} * std::max(options.branch_factor, 1);
  if (beams <= limits.max_beams) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("beam_size ", options.beam_size,
                                                 " x branch_factor ", options.branch_factor, " is ",
                                                 beams, "; max_beams is ", limits.max_beams));
}

// What the entries of a beam keep between two steps.
absl::Status CheckState(int64_t state_size, const BeamSearchOptions& options) {
  constexpr int64_t kMaxValues = int64_t{1} << 22;
  const int64_t beams = int64_t{options.beam_size} * std::max(options.branch_factor, 1);
  if (beams <= kMaxValues / std::max<int64_t>(state_size, 1)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a state of ", state_size, " values is too large for ", beams, " beams"));
}

// Events that the network runs over at a time: few, to need little memory and to end when nobody
// waits any more. All runs are about as long, and none is of one event alone, for which TensorFlow
// has another kernel, which rounds differently.
class Runs {
 public:
  Runs(int num_events, size_t values_per_event)
      : num_events_(num_events),
        count_((num_events - 1) / Longest(values_per_event) + 1) {}

  int count() const { return count_; }
  int begin(int run) const { return static_cast<int>(int64_t{num_events_} * run / count_); }
  int end(int run) const { return begin(run + 1); }

 private:
  static int Longest(size_t values_per_event) {
    constexpr int kMin = 3;  // by which no number is divided into parts of 1
    constexpr int kMax = 1024;
    constexpr size_t kMaxValues = size_t{1} << 20;
    const size_t fitting = kMaxValues / values_per_event;
    return fitting > kMax ? kMax : std::max<int>(fitting, kMin);
  }

  const int num_events_;
  const int count_;
};

// The likelihood of given events: Magenta adds up the logarithms of float32 probabilities in
// double.
class Scorer {
 public:
  Scorer(const StepShape& shape, const EventTrack& track)
      : shape_(shape), track_(track), classes_(shape.head_sizes.size()) {}

  // Adds log P(event at `position`), whose distributions `softmax` holds, to `sum`.
  absl::Status Add(int position, absl::Span<const float> softmax, double* sum) {
    MS_RETURN_IF_ERROR(track_.Label(position, absl::MakeSpan(classes_)));
    for (size_t head = 0; head < classes_.size(); ++head) {
      if (classes_[head] >= shape_.head_sizes[head]) {
        return MagentaError("IndexError", absl::StrCat("index ", classes_[head],
                                                       " is out of bounds for axis 0 "
                                                       "with size ",
                                                       shape_.head_sizes[head]));
      }
      *sum += NumpyLog(softmax[classes_[head]]);
      softmax.remove_prefix(shape_.head_sizes[head]);
    }
    return absl::OkStatus();
  }

 private:
  const StepShape& shape_;
  const EventTrack& track_;
  std::vector<int> classes_;
};

// Runs the network with one row over runs [0, num_runs) of the events of `track`, and adds the
// log-likelihoods of the events after them, as those of `labels`, to what `sum_for` gives for their
// positions.
absl::Status RunOver(const StepModel& model, const EventTrack& track, const EventTrack& labels,
                     const Runs& runs, int num_runs, float temperature, absl::Span<float> state,
                     const std::function<double*(int position)>& sum_for,
                     const CallContext& context) {
  const size_t num_classes = model.shape().num_classes;
  std::vector<float> inputs, softmax;
  Scorer scorer(model.shape(), labels);
  for (int run = 0; run < num_runs; ++run) {
    MS_RETURN_IF_ERROR(context.CheckWanted());
    const int begin = runs.begin(run);
    const int end = runs.end(run);
    MS_RETURN_IF_ERROR(track.Encode(begin, end, &inputs));
    softmax.resize((end - begin) * num_classes);
    MS_RETURN_IF_ERROR(model.Step({StepRow{inputs, state, absl::MakeSpan(softmax)}}, end - begin,
                                  temperature));
    for (int position = begin + 1; position <= end; ++position) {
      MS_RETURN_IF_ERROR(scorer.Add(
          position, absl::MakeConstSpan(softmax).subspan((position - begin - 1) * num_classes),
          sum_for(position)));
    }
  }
  return absl::OkStatus();
}

// Extends all entries of a beam by one event.
class Stepper {
 public:
  Stepper(const StepModel& model, const GenerateEventsOptions& options, NumpyRandom* random,
          const CallContext& context)
      : model_(model), options_(options), random_(random), context_(context) {}

  // Runs the first entry over all but the last run of its events, which the beam's first step is
  // left with. It is one row then, where the beam has many.
  absl::Status WarmUp(BeamEntry* entry) const {
    const EventTrack& track = *entry->track;
    const Runs runs(track.size(), model_.shape().input_size + model_.shape().num_classes);
    const int last = runs.count() - 1;
    if (last == 0) return entry->Encode(0);
    // Copying may change a track. The entries that are scored are copies.
    std::unique_ptr<EventTrack> copy = track.DeepCopy();
    if (options_.beam_search.branch_factor > 1) copy = copy->DeepCopy();
    MS_RETURN_IF_ERROR(RunOver(
        model_, track, *copy, runs, last, static_cast<float>(options_.temperature),
        absl::MakeSpan(entry->rnn_state), [&](int) { return &entry->fed_log_likelihood; },
        context_));
    return entry->Encode(runs.begin(last));
  }

  absl::Status operator()(std::vector<BeamEntry>& entries) {
    // Entries differ in length where events were appended to some of them. Magenta runs one batch
    // of entries after another, and a batch must be of one length.
    const size_t batch_size = model_.shape().batch_size;
    for (size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
      while (end < entries.size() && entries[end].inputs->size() == entries[begin].inputs->size())
        ++end;
      if (end < entries.size() && end % batch_size != 0) {
        return MagentaError(
            "ValueError",
            absl::StrCat("setting an array element with a sequence. The requested array has an "
                         "inhomogeneous shape after 1 dimensions. The detected shape was (",
                         batch_size, ",) + inhomogeneous part."));
      }
      MS_RETURN_IF_ERROR(ExtendAll(absl::MakeSpan(entries).subspan(begin, end - begin)));
    }
    // Magenta fills the last batch with copies of its last row and samples for those too.
    random_->Skip((batch_size - entries.size() % batch_size) % batch_size *
                  model_.shape().head_sizes.size());
    return absl::OkStatus();
  }

 private:
  // Runs entries of equal length and samples for each.
  absl::Status ExtendAll(absl::Span<BeamEntry> entries) {
    const StepShape& shape = model_.shape();
    const size_t num_classes = shape.num_classes;
    const int num_steps = static_cast<int>(entries[0].inputs->size() / shape.input_size);
    size_t row_softmax = 0;
    const Runs runs(num_steps, entries.size() * (shape.input_size + num_classes));
    for (int run = 0; run < runs.count(); ++run) {
      MS_RETURN_IF_ERROR(context_.CheckWanted());
      const int begin = runs.begin(run);
      const int length = runs.end(run) - begin;
      row_softmax = length * num_classes;
      softmax_.resize(entries.size() * row_softmax);
      std::vector<StepRow> rows;
      rows.reserve(entries.size());
      for (size_t i = 0; i < entries.size(); ++i) {
        rows.push_back({absl::MakeConstSpan(*entries[i].inputs)
                            .subspan(begin * shape.input_size, length * shape.input_size),
                        absl::MakeSpan(entries[i].rnn_state),
                        absl::MakeSpan(softmax_).subspan(i * row_softmax, row_softmax)});
      }
      MS_RETURN_IF_ERROR(model_.Step(rows, length, static_cast<float>(options_.temperature)));
      for (size_t i = 0; i < entries.size(); ++i) {
        const EventTrack& track = *entries[i].track;
        Scorer scorer(shape, track);
        for (int step = begin; step < std::min(begin + length, num_steps - 1); ++step) {
          MS_RETURN_IF_ERROR(scorer.Add(track.size() - num_steps + 1 + step,
                                        rows[i].softmax.subspan((step - begin) * num_classes),
                                        &entries[i].fed_log_likelihood));
        }
      }
    }
    context_.CountSteps(static_cast<int64_t>(entries.size()));
    for (size_t i = 0; i < entries.size(); ++i) {
      MS_RETURN_IF_ERROR(Extend(
          entries[i],
          absl::MakeConstSpan(softmax_).subspan((i + 1) * row_softmax - num_classes, num_classes)));
    }
    return absl::OkStatus();
  }

  absl::Status Extend(BeamEntry& entry, absl::Span<const float> softmax) {
    EventTrack& track = *entry.track;
    std::vector<int> classes;
    float probability = 1;
    for (const int size : model_.shape().head_sizes) {
      MS_ASSIGN_OR_RETURN(const int index, random_->Choice(softmax.subspan(0, size)));
      classes.push_back(index);
      probability *= softmax[index];
      softmax.remove_prefix(size);
    }
    MS_RETURN_IF_ERROR(track.Extend(classes));
    entry.score =
        static_cast<float>(entry.score + (entry.fed_log_likelihood + NumpyLog(probability)));
    entry.fed_log_likelihood = 0;

    const int sampled = track.size() - 1;
    if (options_.modify_events != nullptr) {
      MS_RETURN_IF_ERROR(options_.modify_events(track));
      MS_RETURN_IF_ERROR(CheckNumEvents(track.size(), context_.limits));
    }
    return entry.Encode(sampled);
  }

  const StepModel& model_;
  const GenerateEventsOptions& options_;
  NumpyRandom* random_;
  const CallContext& context_;
  std::vector<float> softmax_;  // [entries, steps of the run, num_classes]
};

}  // namespace

absl::Status CheckNumEvents(int64_t num_events, const Limits& limits) {
  if (num_events <= limits.max_events) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the sequence would have ", num_events,
                                                 " events; max_events is ", limits.max_events));
}

absl::StatusOr<GeneratedEvents> SearchEvents(
    const EventTrack& primer, int64_t num_steps, absl::Span<const float> initial_state,
    const GenerateEventsOptions& options,
    const std::function<absl::Status(BeamEntry* entry)>& start, const StepFunction& step,
    const CallContext& context) {
  if (primer.size() == 0)
    return MagentaError(kModelError, "primer sequence must have non-zero length");
  if (primer.size() >= num_steps) {
    return MagentaError(kModelError, "primer sequence must be shorter than `num_steps`");
  }
  MS_RETURN_IF_ERROR(CheckNumEvents(num_steps, context.limits));
  MS_RETURN_IF_ERROR(CheckBeams(options.beam_search, context.limits));
  MS_RETURN_IF_ERROR(CheckState(initial_state.size(), options.beam_search));

  BeamEntry initial;
  initial.track = primer.DeepCopy();
  if (options.modify_events != nullptr) {
    MS_RETURN_IF_ERROR(options.modify_events(*initial.track));
    MS_RETURN_IF_ERROR(CheckNumEvents(initial.track->size(), context.limits));
  }
  initial.rnn_state.assign(initial_state.begin(), initial_state.end());
  MS_RETURN_IF_ERROR(start(&initial));
  MS_ASSIGN_OR_RETURN(
      BeamEntry best,
      BeamSearch(initial, num_steps - primer.size(), options.beam_search, step));
  return GeneratedEvents{std::move(best.track), best.score};
}

absl::StatusOr<GeneratedEvents> GenerateEvents(const StepModel& model, const EventTrack& primer,
                                               int64_t num_steps,
                                               const GenerateEventsOptions& options,
                                               NumpyRandom* random, const CallContext& context) {
  Stepper stepper(model, options, random, context);
  return SearchEvents(
      primer, num_steps, model.initial_state(), options,
      [&](BeamEntry* entry) { return stepper.WarmUp(entry); }, std::ref(stepper), context);
}

absl::StatusOr<GeneratedEvents> GenerateRounds(
    const StepModel& model, const EventTrack& primer,
    const std::function<int64_t(const EventTrack&)>& events_to_add,
    const GenerateEventsOptions& options, NumpyRandom* random, const CallContext& context) {
  GeneratedEvents generated;
  const EventTrack* track = &primer;
  int64_t total = 0;  // events that all rounds so far ran over
  while (const int64_t added = events_to_add(*track)) {
    total += track->size() + added;
    if (total > context.limits.max_events) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the section is not full after ", track->size(),
          " events, and the next round of generation would bring the events that the network ran "
          "over to ",
          total, "; max_events is ", context.limits.max_events));
    }
    MS_ASSIGN_OR_RETURN(
        generated, GenerateEvents(model, *track, track->size() + added, options, random, context));
    track = generated.track.get();
  }
  if (generated.track == nullptr) generated.track = primer.DeepCopy();
  return generated;
}

absl::StatusOr<std::vector<double>> EventLogLikelihoods(const StepModel& model,
                                                        const EventTrack& track,
                                                        const CallContext& context) {
  const int num_steps = track.size() - 1;
  if (num_steps < 1)
    return absl::InvalidArgumentError("a sequence needs at least two events to be scored");
  MS_RETURN_IF_ERROR(CheckNumEvents(track.size(), context.limits));
  std::vector<float> state(model.initial_state().begin(), model.initial_state().end());
  std::vector<double> log_likelihoods(num_steps);
  const Runs runs(num_steps, model.shape().input_size + model.shape().num_classes);
  MS_RETURN_IF_ERROR(RunOver(
      model, track, track, runs, runs.count(), 1.0f, absl::MakeSpan(state),
      [&](int position) { return &log_likelihoods[position - 1]; }, context));
  return log_likelihoods;
}

}  // namespace magenta_serving
