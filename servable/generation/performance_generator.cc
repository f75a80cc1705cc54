#include "servable/generation/performance_generator.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/generation/event_rnn_generator.h"
#include "servable/generation/event_track.h"
#include "servable/generation/generate_events.h"
#include "servable/generation/generator_options.h"
#include "servable/generation/performance_config.h"
#include "servable/generation/performance_controls.h"
#include "servable/generation/primer.h"
#include "servable/generation/sections.h"
#include "servable/music/melody.h"
#include "servable/music/note_performance.h"
#include "servable/music/performance.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using PlainTrack = SequenceTrack<Performance, PerformanceEvent>;
using ConditionalPerformanceTrack =
    ConditionalTrack<Performance, PerformanceEvent, PerformanceControls, PerformanceControl>;
using NoteTrack = SequenceTrack<NotePerformance, NotePerformanceEvent, NotePerformanceLabel>;

// Notes that the model does not end are ended after this many seconds.
constexpr double kMaxNoteDuration = 5.0;

// Events that a note is expected to take.
constexpr double kEventsPerNote = 4.0;

// More than any limit allows, for the density that asks for the more.
constexpr double kMaxEventsToAdd = 1e15;

// How long the chord of primer_pitches sounds, in seconds: a quarter note.
constexpr double kPrimerPitchesSeconds = 60.0 / kDefaultQuartersPerMinute;

ControlText TextsOf(const GeneratorOptions& options) {
  return [&options](const char* name) -> std::optional<std::string> {
    const auto found = options.args().find(name);
    if (found == options.args().end()) return std::nullopt;
    return found->second.string_value();
  };
}

ControlText TextsOf(const Arguments& arguments) {
  return [&arguments](const char* name) -> std::optional<std::string> {
    if (!arguments.Has(name) || arguments.Get<std::string>(name).empty()) return std::nullopt;
    return arguments.Get<std::string>(name);
  };
}

std::vector<ArgumentSpec> ControlArguments(const PerformanceControlEncoder::Signals& signals) {
  std::vector<ArgumentSpec> specs;
  if (signals.note_density) {
    specs.push_back({kNotesPerSecond, "",
                     "Desired notes per second: a number, or a list of numbers for equal parts of "
                     "the performance. Empty means 15."});
  }
  if (signals.pitch_histogram) {
    specs.push_back({kPitchClassHistogram, "",
                     "Desired weight of each pitch class from C on: a list of 12 numbers, or a "
                     "list of such lists for equal parts. Empty means all the same."});
  }
  if (signals.optional) {
    specs.push_back({kDisableConditioning, "",
                     "True to leave the other controls out of account, or a list of True and "
                     "False for equal parts. Empty means False."});
  }
  return specs;
}

GeneratorDescription Describe(const PerformanceConfig& config) {
  const bool is_note = config.input == PerformanceInput::kNote;
  const std::vector<ArgumentSpec> controls = ControlArguments(config.signals);
  std::vector<ArgumentSpec> own = {
      {"primer_pitches", "", "Primer: a list of pitches, a chord of half a second."},
      {"primer_melody", "",
       absl::StrCat("Primer: a list of melody events, one for each eighth of a second: a pitch, -1 "
                    "note off, -2 no event. Without any primer, performances begin with ",
                    is_note ? "middle C." : "silence.")},
      {"num_steps", 3000, "Length in steps of 10 ms of each output, primer included."},
  };
  own.insert(own.end(), controls.begin(), controls.end());
  return {
      "performance",
      config.name,
      {{"num_velocity_bins", config.num_velocity_bins},
       {"steps_per_second", kDefaultStepsPerSecond}},
      CommandArguments(own, /*default_qpm=*/std::nullopt),
      ScoreArguments("performance", controls),
  };
}

class PerformanceGenerator : public EventRnnGenerator {
 public:
  PerformanceGenerator(const PerformanceConfig& config, std::shared_ptr<const StepModel> model)
      : EventRnnGenerator(Describe(config), std::move(model)), config_(config) {
    if (config_.input == PerformanceInput::kNote) {
      note_encoder_decoder_ = config_.MakeNoteEncoderDecoder();
    } else if (config_.is_conditioned()) {
      conditional_encoder_decoder_ = config_.MakeConditionalEncoderDecoder();
    } else {
      encoder_decoder_ = config_.MakeEncoderDecoder();
    }
  }

  absl::Status CheckModel() const {
    const StepShape& shape = model().shape();
    if (is_note()) return CheckModelShape(config_.name, shape, *note_encoder_decoder_);
    if (!config_.is_conditioned()) return CheckModelShape(config_.name, shape, *encoder_decoder_);
    return CheckModelShape(config_.name, shape, *conditional_encoder_decoder_);
  }

 private:
  absl::StatusOr<GeneratorInput> MakeFamilyInput(const Arguments& arguments,
                                                 const CallContext& context) const override;
  absl::StatusOr<Generation> GenerateSection(const NoteSequence& input,
                                             const GeneratorOptions& options, NumpyRandom* random,
                                             const CallContext& context) const override;
  absl::StatusOr<std::unique_ptr<EventTrack>> ReadScoredTrack(
      const Arguments& arguments, const CallContext& context) const override;

  using ControlValues = std::shared_ptr<const PerformanceControlValues>;

  bool is_note() const { return config_.input == PerformanceInput::kNote; }

  // The primer section's performance, of one kind or the other; none where it has no such thing.
  struct Primer {
    std::optional<Performance> performance;
    std::optional<NotePerformance> notes;
  };
  absl::StatusOr<Primer> ExtractPrimer(const NoteSequence& input,
                                       const GeneratorOptions& options) const;

  absl::StatusOr<ControlValues> ReadControls(const ControlText& text) const;

  // The track of a performance, where events are not notes, and the performance of such a track.
  std::unique_ptr<EventTrack> MakeTrack(Performance performance, ControlValues controls,
                                        int64_t total_steps) const;
  const Performance& PerformanceOf(const EventTrack& track) const;

  // Continues `primer` until it has `total_steps` steps, which `num_steps` counts, as far as
  // options' fill_generate_section asks for that.
  absl::StatusOr<GeneratedEvents> Fill(const EventTrack& primer,
                                       const std::function<int64_t(const EventTrack&)>& num_steps,
                                       int64_t total_steps,
                                       const PerformanceControlValues& controls,
                                       const GeneratorOptions& options, NumpyRandom* random,
                                       const CallContext& context) const;

  absl::StatusOr<Generation> Continue(Performance performance, const GenerateSteps& steps,
                                      const GeneratorOptions& options, NumpyRandom* random,
                                      const CallContext& context) const;
  absl::StatusOr<Generation> ContinueNotes(NotePerformance performance, const GenerateSteps& steps,
                                           const GeneratorOptions& options, NumpyRandom* random,
                                           const CallContext& context) const;

  const PerformanceConfig& config_;
  // One of these: the config's.
  std::unique_ptr<const PerformanceEncoderDecoder> encoder_decoder_;
  std::unique_ptr<const ConditionalPerformanceEncoderDecoder> conditional_encoder_decoder_;
  std::unique_ptr<const NotePerformanceEncoderDecoder> note_encoder_decoder_;
};

absl::StatusOr<GeneratorInput> PerformanceGenerator::MakeFamilyInput(
    const Arguments& arguments, const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckControlTexts(config_.signals, TextsOf(arguments)));
  MS_ASSIGN_OR_RETURN(const int32_t num_steps,
                      ReadNumSteps(arguments, context.limits.performance_steps()));
  const auto parse_pitches = [](const std::string& value) {
    return ParseChord("primer_pitches", value, kPrimerPitchesSeconds);
  };
  // At 120 quarters per minute, whatever the steps of performances are.
  const auto parse_melody = [](const std::string& value) -> absl::StatusOr<NoteSequence> {
    MS_ASSIGN_OR_RETURN(const Melody melody, ParseMelody("primer_melody", value));
    return melody.ToSequence();
  };
  const auto default_primer = [&]() -> absl::StatusOr<NoteSequence> {
    // The note encoding has no event for silence to begin with.
    if (is_note()) return parse_pitches("[60]");
    NoteSequence silence;
    silence.set_ticks_per_quarter(kStandardPpq);
    return silence;
  };
  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(input.sequence, ReadPrimer(arguments, kDefaultQuartersPerMinute,
                                                 {{"primer_pitches", parse_pitches},
                                                  {"primer_melody", parse_melody}},
                                                 default_primer));
  MS_RETURN_IF_ERROR(AddGenerateSection(SectionStart::kEndOfPrimer, num_steps,
                                        1.0 / kDefaultStepsPerSecond, &input));
  auto& args = *input.options.mutable_args();
  for (const ArgumentSpec& control : ControlArguments(config_.signals)) {
    const std::string& value = arguments.Get<std::string>(control.name);
    if (!value.empty()) args[control.name].set_string_value(value);
  }
  args[kFillGenerateSection].set_bool_value(true);
  return input;
}

absl::StatusOr<PerformanceGenerator::Primer> PerformanceGenerator::ExtractPrimer(
    const NoteSequence& input, const GeneratorOptions& options) const {
  MS_ASSIGN_OR_RETURN(const PrimerSection primer,
                      ReadPrimerSection(input, options, kDefaultStepsPerSecond,
                                        EarlyStartError::kBeforeOrEqualToEnd));
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                      QuantizeNoteSequenceAbsolute(primer.sequence, kDefaultStepsPerSecond));
  Primer extracted;
  if (is_note()) {
    MS_ASSIGN_OR_RETURN(extracted.notes, ExtractNotePerformance(quantized, primer.start_step,
                                                                config_.num_velocity_bins));
  } else {
    MS_ASSIGN_OR_RETURN(extracted.performance, ExtractPerformance(quantized, primer.start_step,
                                                                  config_.num_velocity_bins));
  }
  return extracted;
}

absl::StatusOr<Generation> PerformanceGenerator::GenerateSection(const NoteSequence& input,
                                                                 const GeneratorOptions& options,
                                                                 NumpyRandom* random,
                                                                 const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(Primer primer, ExtractPrimer(input, options));
  auto& [performance, notes] = primer;
  MS_ASSIGN_OR_RETURN(const GenerateSteps steps,
                      QuantizeGenerateSection(options, kDefaultStepsPerSecond));

  if (notes.has_value() && !notes->empty())
    return ContinueNotes(*std::move(notes), steps, options, random, context);
  if (!performance.has_value() || performance->empty())
    performance = Performance(kDefaultStepsPerSecond, steps.start, config_.num_velocity_bins);
  return Continue(*std::move(performance), steps, options, random, context);
}

absl::StatusOr<GeneratedEvents> PerformanceGenerator::Fill(
    const EventTrack& primer, const std::function<int64_t(const EventTrack&)>& num_steps,
    int64_t total_steps, const PerformanceControlValues& controls, const GeneratorOptions& options,
    NumpyRandom* random, const CallContext& context) const {
  const double density = std::max(1.0, controls.mean_note_density);
  if (num_steps(primer) < total_steps) {
    if (std::isinf(density))
      return MagentaError("OverflowError", "cannot convert float infinity to integer");
    MS_RETURN_IF_ERROR(controls.usable);
  }
  bool is_last_round = false;
  const auto events_to_add = [&](const EventTrack& track) -> int64_t {
    const int64_t missing = total_steps - num_steps(track);
    if (missing <= 0 || is_last_round) return 0;
    is_last_round = !ReadFlag(options, kFillGenerateSection);
    const double events = std::ceil(kEventsPerNote * density * missing / kDefaultStepsPerSecond);
    return static_cast<int64_t>(std::min(events, kMaxEventsToAdd));
  };
  return GenerateRounds(model(), primer, events_to_add, ReadGenerateEventsOptions(options), random,
                        context);
}

absl::StatusOr<PerformanceGenerator::ControlValues> PerformanceGenerator::ReadControls(
    const ControlText& text) const {
  MS_ASSIGN_OR_RETURN(PerformanceControlValues values, ReadControlValues(config_.signals, text));
  return std::make_shared<const PerformanceControlValues>(std::move(values));
}

std::unique_ptr<EventTrack> PerformanceGenerator::MakeTrack(Performance performance,
                                                            ControlValues controls,
                                                            int64_t total_steps) const {
  if (!config_.is_conditioned()) {
    return std::make_unique<PlainTrack>(std::move(performance), encoder_decoder_.get());
  }
  return std::make_unique<ConditionalPerformanceTrack>(
      std::move(performance), PerformanceControls(std::move(controls), total_steps),
      conditional_encoder_decoder_.get());
}

const Performance& PerformanceGenerator::PerformanceOf(const EventTrack& track) const {
  return config_.is_conditioned()
             ? static_cast<const ConditionalPerformanceTrack&>(track).sequence()
             : static_cast<const PlainTrack&>(track).sequence();
}

absl::StatusOr<Generation> PerformanceGenerator::Continue(Performance performance,
                                                          const GenerateSteps& steps,
                                                          const GeneratorOptions& options,
                                                          NumpyRandom* random,
                                                          const CallContext& context) const {
  const Bound bound = context.limits.performance_steps();
  const int64_t primer_steps = steps.start - performance.start_step();
  MS_RETURN_IF_ERROR(CheckPrimerSteps(primer_steps, bound));
  MS_RETURN_IF_ERROR(performance.SetLength(primer_steps));
  MS_ASSIGN_OR_RETURN(const ControlValues controls, ReadControls(TextsOf(options)));
  const int64_t total_steps = performance.num_steps() + (steps.end - steps.start);
  MS_RETURN_IF_ERROR(CheckTotalSteps(total_steps, bound));
  if (performance.empty()) {
    MS_RETURN_IF_ERROR(performance.SetLength(std::min<int64_t>(kMaxShiftSteps, total_steps)));
  }

  Generation generation;
  if (!is_note()) {
    const auto primer = MakeTrack(std::move(performance), controls, total_steps);
    const auto num_steps = [this](const EventTrack& track) {
      return PerformanceOf(track).num_steps();
    };
    MS_ASSIGN_OR_RETURN(const GeneratedEvents generated,
                        Fill(*primer, num_steps, total_steps, *controls, options, random, context));
    generation.log_likelihood = generated.log_likelihood;
    performance = PerformanceOf(*generated.track);
  } else if (performance.num_steps() < total_steps) {
    return MagentaError("TypeError",
                        "the note encoding continues notes, and the primer has none that it can "
                        "hold: notes of one program, at most 10 s long and 10 s apart");
  }
  MS_RETURN_IF_ERROR(performance.SetLength(total_steps));
  MS_ASSIGN_OR_RETURN(generation.sequence, performance.ToSequence(100, 0, kMaxNoteDuration));
  return generation;
}

absl::StatusOr<Generation> PerformanceGenerator::ContinueNotes(NotePerformance performance,
                                                               const GenerateSteps& steps,
                                                               const GeneratorOptions& options,
                                                               NumpyRandom* random,
                                                               const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const ControlValues controls, ReadControls(TextsOf(options)));
  const int64_t total_steps = performance.num_steps() + (steps.end - steps.start);
  MS_RETURN_IF_ERROR(CheckTotalSteps(total_steps, context.limits.performance_steps()));
  if (!ReadFlag(options, kFillGenerateSection) && performance.num_steps() < total_steps) {
    MS_RETURN_IF_ERROR(controls->usable);
    return MagentaError("IndexError",
                        "list index out of range: the bundle's graph does not tell Magenta its "
                        "distributions; with fill_generate_section they are found");
  }
  const NoteTrack primer(std::move(performance), note_encoder_decoder_.get());
  const auto num_steps = [](const EventTrack& track) {
    return static_cast<const NoteTrack&>(track).sequence().num_steps();
  };
  MS_ASSIGN_OR_RETURN(const GeneratedEvents generated,
                      Fill(primer, num_steps, total_steps, *controls, options, random, context));
  NotePerformance result = generated.As<NoteTrack>().sequence();
  if (ReadFlag(options, kFillGenerateSection)) result.TruncateToSteps(total_steps);
  return Generation{result.ToSequence(), generated.log_likelihood};
}

absl::StatusOr<std::unique_ptr<EventTrack>> PerformanceGenerator::ReadScoredTrack(
    const Arguments& arguments, const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {}));
  MS_ASSIGN_OR_RETURN(const NoteSequence sequence, ReadSequence(arguments, given));
  MS_RETURN_IF_ERROR(CheckControlTexts(config_.signals, TextsOf(arguments)));
  MS_ASSIGN_OR_RETURN(const ControlValues controls, ReadControls(TextsOf(arguments)));
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                      QuantizeNoteSequenceAbsolute(sequence, kDefaultStepsPerSecond));
  std::unique_ptr<EventTrack> track;
  int64_t total_steps = 0;
  if (is_note()) {
    MS_ASSIGN_OR_RETURN(std::optional<NotePerformance> notes,
                        ExtractNotePerformance(quantized, 0, config_.num_velocity_bins));
    if (notes.has_value()) {
      total_steps = notes->num_steps();
      track = std::make_unique<NoteTrack>(*std::move(notes), note_encoder_decoder_.get());
    }
  } else {
    MS_ASSIGN_OR_RETURN(std::optional<Performance> performance,
                        ExtractPerformance(quantized, 0, config_.num_velocity_bins));
    if (performance.has_value()) {
      total_steps = performance->num_steps();
      track = MakeTrack(*std::move(performance), controls, total_steps);
    }
  }
  if (track == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(given, is_note() ? ": its notes are not of one program, or too long or too "
                                        "far apart for the note encoding"
                                      : ": its notes are not of one program"));
  }
  MS_RETURN_IF_ERROR(CheckTotalSteps(total_steps, context.limits.performance_steps()));
  return track;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Generator>> MakePerformanceGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model) {
  const PerformanceConfig& config = *FindPerformanceConfig(generator_id, model->shape().input_size);
  auto generator = std::make_unique<PerformanceGenerator>(config, std::move(model));
  MS_RETURN_IF_ERROR(generator->CheckModel());
  return generator;
}

}  // namespace magenta_serving
