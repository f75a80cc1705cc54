#include "servable/generation/pianoroll_generator.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "servable/base/status.h"
#include "servable/encoding/pianoroll_encoder_decoder.h"
#include "servable/generation/generator_options.h"
#include "servable/generation/nade_events.h"
#include "servable/generation/primer.h"
#include "servable/generation/sections.h"
#include "servable/music/pianoroll_extraction.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using PianorollTrack = SequenceTrack<PianorollSequence, PianorollEvent, PianorollLabel>;

constexpr int kStepsPerQuarter = 4;
constexpr double kDefaultQpm = 60;  // of Magenta's command
constexpr char kSample[] = "sample";

GeneratorDescription Describe(const std::string& config, const NadeModel& model) {
  std::vector<ArgumentSpec> sampling = BeamArguments();
  if (model.thresholds()) {
    sampling.push_back({kSample, false,
                        "Draw each note by its probability. Without it, as in Magenta, the notes "
                        "that are more likely than not are played, always the same."});
  }
  return {
      "pianoroll",
      config,
      {{"min_pitch", kMinPianoPitch},
       {"max_pitch", kMaxPianoPitch},
       {"steps_per_quarter", kStepsPerQuarter}},
      CommandArguments(
          {{"primer_pitches", "",
            "Primer: a list of MIDI pitches that sound together for a quarter note."},
           {"primer_pianoroll", "",
            "Primer: a list of tuples of the MIDI pitches that sound at each step: \"[(55,), (55, "
            "53), ()]\"."},
           NumStepsArgument()},
          kDefaultQpm, sampling),
      ScoreArguments("pianoroll", {{"pianoroll", "",
                                    "The pianoroll to score: a list of tuples of pitches, as for "
                                    "primer_pianoroll."}}),
  };
}

class PianorollGenerator : public Generator {
 public:
  PianorollGenerator(const std::string& config, std::shared_ptr<const NadeModel> model)
      : Generator(Describe(config, *model)), model_(std::move(model)) {}

 private:
  absl::StatusOr<GeneratorInput> MakeFamilyInput(const Arguments& arguments,
                                                 const CallContext& context) const override;
  absl::StatusOr<Generation> GenerateSection(const NoteSequence& input,
                                             const GeneratorOptions& options, NumpyRandom* random,
                                             const CallContext& context) const override;
  absl::StatusOr<std::unique_ptr<EventTrack>> ReadScoredTrack(
      const Arguments& arguments, const CallContext& context) const override;
  absl::StatusOr<std::vector<double>> LogLikelihoods(const EventTrack& track,
                                                     const CallContext& context) const override {
    return NadeEventLogLikelihoods(*model_, track, context);
  }

  // The pianoroll of the primer section, as long as the section to generate starts late: what the
  // model continues. Sets `steps` to that section's.
  absl::StatusOr<PianorollSequence> ExtractPrimer(const NoteSequence& input,
                                                  const GeneratorOptions& options,
                                                  double steps_per_second,
                                                  const CallContext& context,
                                                  GenerateSteps* steps) const;

  const PianorollEncoderDecoder encoder_decoder_;
  const std::shared_ptr<const NadeModel> model_;
};

// The pianoroll of a list of tuples of pitches in the argument `name`.
absl::StatusOr<PianorollSequence> ReadPianoroll(const std::string& name,
                                                const std::string& value) {
  const absl::StatusOr<std::vector<std::vector<int>>> events = ParseListOfIntegerLists(value);
  if (!events.ok()) return Annotate(events.status(), name);
  return PianorollSequence::FromPitches(*events, kStepsPerQuarter);
}

absl::StatusOr<GeneratorInput> PianorollGenerator::MakeFamilyInput(
    const Arguments& arguments, const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const double qpm, ReadQpm(arguments, kDefaultQpm));
  MS_ASSIGN_OR_RETURN(const int32_t num_steps, ReadNumSteps(arguments, context.limits.steps()));
  const auto pianoroll = [&](const std::string& value) -> absl::StatusOr<NoteSequence> {
    MS_ASSIGN_OR_RETURN(const PianorollSequence sequence,
                        ReadPianoroll("primer_pianoroll", value));
    return sequence.ToSequence(100, 0, 0, qpm);
  };
  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(
      input.sequence,
      ReadPrimer(arguments, qpm, {PrimerPitchesFlag(qpm), {"primer_pianoroll", pianoroll}},
                 [qpm] { return SilentPrimer(qpm); }));
  MS_RETURN_IF_ERROR(AddGenerateSection(SectionStart::kEndOfPrimer, num_steps,
                                        60.0 / PrimerQpm(input.sequence, qpm) / kStepsPerQuarter,
                                        &input));
  (*input.options.mutable_args())[kSample].set_bool_value(
      arguments.Has(kSample) && arguments.Get<bool>(kSample));
  return input;
}

absl::StatusOr<PianorollSequence> PianorollGenerator::ExtractPrimer(
    const NoteSequence& input, const GeneratorOptions& options, double steps_per_second,
    const CallContext& context, GenerateSteps* steps) const {
  MS_ASSIGN_OR_RETURN(const PrimerSection primer,
                      ReadQuantizedPrimer(input, options, kStepsPerQuarter,
                                          EarlyStartError::kBeforeOrEqualToEnd));
  // A matrix of so many rows is made.
  MS_RETURN_IF_ERROR(CheckPrimerSteps(primer.sequence.total_quantized_steps() - primer.start_step,
                                      context.limits.steps()));
  MS_ASSIGN_OR_RETURN(std::optional<PianorollSequence> pianoroll,
                      ExtractPianorollSequence(primer.sequence, primer.start_step));
  MS_ASSIGN_OR_RETURN(*steps, QuantizeGenerateSection(options, steps_per_second));
  if (!pianoroll.has_value() || pianoroll->empty()) {
    return MagentaError("ValueError", "No priming pianoroll could be extracted.");
  }
  const int64_t primer_steps = steps->start - pianoroll->start_step();
  MS_RETURN_IF_ERROR(CheckPrimerSteps(primer_steps, context.limits.steps()));
  MS_RETURN_IF_ERROR(pianoroll->SetLength(primer_steps));
  return *std::move(pianoroll);
}

absl::StatusOr<Generation> PianorollGenerator::GenerateSection(const NoteSequence& input,
                                                               const GeneratorOptions& options,
                                                               NumpyRandom* random,
                                                               const CallContext& context) const {
  const double qpm = QuartersPerMinute(input);
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(kStepsPerQuarter, qpm);
  GenerateSteps steps;
  MS_ASSIGN_OR_RETURN(PianorollSequence pianoroll,
                      ExtractPrimer(input, options, steps_per_second, context, &steps));
  const int64_t num_steps = pianoroll.size() + (steps.end - steps.start);
  MS_RETURN_IF_ERROR(CheckTotalSteps(num_steps, context.limits.steps()));

  NadeEventsOptions events_options;
  events_options.beam_search = ReadGenerateEventsOptions(options).beam_search;
  // The generator has no such argument.
  events_options.beam_search.steps_per_iteration = 1;
  events_options.repair_log_prob = options.args().contains(kSample);
  events_options.draw = ReadFlag(options, kSample);
  MS_ASSIGN_OR_RETURN(
      const GeneratedEvents generated,
      GenerateNadeEvents(*model_, PianorollTrack(std::move(pianoroll), &encoder_decoder_),
                         num_steps, events_options, random, context));
  MS_ASSIGN_OR_RETURN(NoteSequence sequence,
                      generated.As<PianorollTrack>().sequence().ToSequence(100, 0, 0, qpm));
  return Generation{std::move(sequence), generated.log_likelihood};
}

absl::StatusOr<std::unique_ptr<EventTrack>> PianorollGenerator::ReadScoredTrack(
    const Arguments& arguments, const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {"pianoroll"}));
  PianorollSequence pianoroll;
  if (given == "pianoroll") {
    MS_ASSIGN_OR_RETURN(pianoroll, ReadPianoroll(given, arguments.Get<std::string>(given)));
  } else {
    MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                        ReadQuantizedSequence(arguments, given, kStepsPerQuarter));
    MS_RETURN_IF_ERROR(
        CheckTotalSteps(quantized.total_quantized_steps(), context.limits.steps()));
    MS_ASSIGN_OR_RETURN(const std::optional<PianorollSequence> extracted,
                        ExtractPianorollSequence(quantized));
    if (!extracted.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(given, ": the notes have more than one program"));
    }
    pianoroll = *extracted;
  }
  MS_RETURN_IF_ERROR(CheckTotalSteps(pianoroll.size(), context.limits.steps()));
  return std::make_unique<PianorollTrack>(std::move(pianoroll), &encoder_decoder_);
}

}  // namespace

std::vector<std::string> PianorollGeneratorIds() { return {"rnn-nade", "rnn-nade_attn"}; }

absl::StatusOr<std::unique_ptr<Generator>> MakePianorollGenerator(
    const std::string& generator_id, std::shared_ptr<const NadeModel> model) {
  if (model->nade().num_dims() != kNumPianoPitches) {
    return absl::InvalidArgumentError(
        absl::StrCat("the bundle's graph takes inputs of ", model->nade().num_dims(), "; ",
                     generator_id, " encodes events in ", kNumPianoPitches));
  }
  return std::make_unique<PianorollGenerator>(generator_id, std::move(model));
}

}  // namespace magenta_serving
