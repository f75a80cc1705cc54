#include "servable/generation/polyphony_generator.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "servable/base/status.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/encoding/polyphony_one_hot_encoding.h"
#include "servable/generation/generate_events.h"
#include "servable/generation/generator_options.h"
#include "servable/generation/melody_primer.h"
#include "servable/generation/primer.h"
#include "servable/generation/primer_injection.h"
#include "servable/generation/sections.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using PolyphonyEncoderDecoder = EventSequenceEncoderDecoder<PolyphonicEvent>;
using PolyphonyTrack = SequenceTrack<PolyphonicSequence, PolyphonicEvent>;

constexpr char kId[] = "polyphony";
constexpr int kStepsPerQuarter = 4;
// How many events Magenta expects to fill a step, when it asks the model for them.
constexpr int kEventsPerStep = 5;

class PolyphonyGenerator : public Generator {
 public:
  PolyphonyGenerator(std::unique_ptr<PolyphonyEncoderDecoder> encoder_decoder,
                     std::shared_ptr<const StepModel> model)
      : encoder_decoder_(std::move(encoder_decoder)), model_(std::move(model)) {
    arguments_ = CommandArguments({
        {"primer_pitches", "", "Primer: a list of pitches that sound together for a quarter."},
        {"primer_melody", "",
         "Primer: a list of melody events, one for each step: a pitch, -1 note off, -2 no event."},
        {"condition_on_primer", false,
         "Whether the model reads the primer before it goes on with a new sequence."},
        {"inject_primer_during_generation", true,
         "Whether the primer is played into the generated sequence, for the model to harmonize."},
        {"num_steps", 128, "Length in steps (16th notes) of each output, primer included."},
    });
    for (ArgumentSpec& argument : GenerateEventsArguments())
      arguments_.push_back(std::move(argument));
    score_arguments_ = ScoreArguments("polyphony", {});
  }

  std::string family() const override { return "polyphony"; }
  std::string config() const override { return kId; }

  std::map<std::string, int> config_values() const override {
    return {{"steps_per_quarter", kStepsPerQuarter}};
  }

  const std::vector<ArgumentSpec>& arguments() const override { return arguments_; }
  const std::vector<ArgumentSpec>& score_arguments() const override { return score_arguments_; }

  absl::StatusOr<GeneratorInput> MakeInput(const Arguments& arguments,
                                           const CallContext& context) const override;

  absl::StatusOr<Generation> Generate(const NoteSequence& input, const GeneratorOptions& options,
                                      NumpyRandom* random,
                                      const CallContext& context) const override;

  absl::StatusOr<SequenceScore> Score(const Arguments& arguments,
                                      const CallContext& context) const override;

 private:
  const std::unique_ptr<PolyphonyEncoderDecoder> encoder_decoder_;
  const std::shared_ptr<const StepModel> model_;
  std::vector<ArgumentSpec> arguments_;
  std::vector<ArgumentSpec> score_arguments_;
};

// Magenta's reading of a flag in the options: false where absent.
bool ReadFlag(const GeneratorOptions& options, const std::string& name) {
  const auto found = options.args().find(name);
  return found != options.args().end() && found->second.bool_value();
}

// The primer section's sequence up to the section to generate, without END. Sets `steps` to that
// section's.
absl::StatusOr<PolyphonicSequence> ExtractPrimer(const PrimerSection& primer,
                                                 const GeneratorOptions& options,
                                                 double steps_per_second,
                                                 const CallContext& context, GenerateSteps* steps) {
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                      QuantizeNoteSequence(primer.sequence, kStepsPerQuarter));
  MS_ASSIGN_OR_RETURN(std::optional<PolyphonicSequence> extracted,
                      ExtractPolyphonicSequence(quantized, primer.start_step));
  MS_ASSIGN_OR_RETURN(*steps, QuantizeGenerateSection(options, steps_per_second));
  PolyphonicSequence sequence = extracted.has_value()
                                    ? *std::move(extracted)
                                    : PolyphonicSequence(kStepsPerQuarter, steps->start);
  const int64_t primer_steps = steps->start - sequence.start_step();
  MS_RETURN_IF_ERROR(CheckPrimerSteps(primer_steps, context.limits.steps()));
  MS_RETURN_IF_ERROR(sequence.SetLength(primer_steps));
  sequence.TrimTrailingEndEvents();
  return sequence;
}

absl::StatusOr<GeneratorInput> PolyphonyGenerator::MakeInput(const Arguments& arguments,
                                                             const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckGenerateEventsArguments(arguments));
  MS_ASSIGN_OR_RETURN(double qpm, ReadQpm(arguments));
  MS_ASSIGN_OR_RETURN(const int32_t num_steps, ReadNumSteps(arguments, context.limits.steps()));
  const auto parse_pitches = [&](const std::string& value) -> absl::StatusOr<NoteSequence> {
    MS_ASSIGN_OR_RETURN(NoteSequence chord, ParseChord("primer_pitches", value, 60.0 / qpm));
    chord.add_tempos()->set_qpm(qpm);
    return chord;
  };
  const auto silence = [&] {
    NoteSequence sequence;
    sequence.add_tempos()->set_qpm(qpm);
    sequence.set_ticks_per_quarter(kStandardPpq);
    return sequence;
  };
  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(
      input.sequence,
      ReadPrimer(arguments, qpm,
                 {{"primer_pitches", parse_pitches}, PrimerMelodyFlag(qpm)}, silence));
  qpm = PrimerQpm(input.sequence, qpm);
  const double primer_end = input.sequence.total_time();
  MS_RETURN_IF_ERROR(AddGenerateSection(primer_end, primer_end, num_steps,
                                        60.0 / qpm / kStepsPerQuarter, &input.options));
  SetGenerateEventsOptions(arguments, &input.options);
  auto& args = *input.options.mutable_args();
  args["condition_on_primer"].set_bool_value(arguments.Get<bool>("condition_on_primer"));
  args["no_inject_primer_during_generation"].set_bool_value(
      !arguments.Get<bool>("inject_primer_during_generation"));
  return input;
}

absl::StatusOr<Generation> PolyphonyGenerator::Generate(const NoteSequence& input,
                                                        const GeneratorOptions& options,
                                                        NumpyRandom* random,
                                                        const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckSections(options));
  const auto& section = options.generate_sections(0);
  const double qpm = QuartersPerMinute(input);
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(kStepsPerQuarter, qpm);
  MS_ASSIGN_OR_RETURN(const PrimerSection primer,
                      ReadPrimerSection(input, options, steps_per_second));
  MS_RETURN_IF_ERROR(CheckGenerateStart(primer.sequence, section.start_time(),
                                        EarlyStartError::kBeforeOrEqualToEnd));
  GenerateSteps steps;
  MS_ASSIGN_OR_RETURN(PolyphonicSequence sequence,
                      ExtractPrimer(primer, options, steps_per_second, context, &steps));

  const bool condition = ReadFlag(options, "condition_on_primer");
  GenerateEventsOptions events_options = ReadGenerateEventsOptions(options);
  // After the primer that the model has read, it is played once more.
  const PrimerInjection injection(sequence, condition ? sequence.num_steps() : 0);
  if (!ReadFlag(options, "no_inject_primer_during_generation")) {
    events_options.modify_events = [&](EventTrack& track) {
      return injection.Apply(static_cast<PolyphonyTrack&>(track).mutable_sequence());
    };
  }
  if (!condition) sequence = PolyphonicSequence(kStepsPerQuarter, steps.start);
  const int64_t total_steps = sequence.num_steps() + (steps.end - steps.start);
  MS_RETURN_IF_ERROR(CheckTotalSteps(total_steps, context.limits.steps()));

  const auto events_to_add = [&](const EventTrack& track) -> int64_t {
    const int64_t steps_so_far = static_cast<const PolyphonyTrack&>(track).sequence().num_steps();
    return steps_so_far < total_steps ? kEventsPerStep * (total_steps - steps_so_far) : 0;
  };
  MS_ASSIGN_OR_RETURN(
      const GeneratedEvents generated,
      GenerateRounds(*model_, PolyphonyTrack(std::move(sequence), encoder_decoder_.get()),
                     events_to_add, events_options, random, context));
  PolyphonicSequence result = generated.As<PolyphonyTrack>().sequence();
  MS_RETURN_IF_ERROR(result.SetLength(total_steps));

  Generation generation;
  generation.log_likelihood = generated.log_likelihood;
  MS_ASSIGN_OR_RETURN(generation.sequence,
                      result.ToSequence(qpm, condition ? nullptr : &primer.sequence));
  MS_RETURN_IF_ERROR(CheckGeneratedEnd(generation.sequence, section.end_time()));
  return generation;
}

absl::StatusOr<SequenceScore> PolyphonyGenerator::Score(const Arguments& arguments,
                                                        const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {}));
  MS_ASSIGN_OR_RETURN(const NoteSequence sequence, ReadSequence(arguments, given));
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                      QuantizeNoteSequence(sequence, kStepsPerQuarter));
  MS_ASSIGN_OR_RETURN(std::optional<PolyphonicSequence> extracted,
                      ExtractPolyphonicSequence(quantized));
  if (!extracted.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(given, ": the notes have several programs; a polyphony has one"));
  }
  MS_RETURN_IF_ERROR(CheckTotalSteps(extracted->num_steps(), context.limits.steps()));
  MS_ASSIGN_OR_RETURN(
      std::vector<float> events,
      EventLogLikelihoods(*model_, PolyphonyTrack(*std::move(extracted), encoder_decoder_.get()),
                          context));
  return SequenceScore(std::move(events));
}

}  // namespace

std::vector<std::string> PolyphonyGeneratorIds() { return {kId}; }

std::unique_ptr<EventSequenceEncoderDecoder<PolyphonicEvent>> MakePolyphonyEncoderDecoder() {
  return std::make_unique<OneHotEventSequenceEncoderDecoder<PolyphonicEvent>>(
      std::make_unique<PolyphonyOneHotEncoding>());
}

absl::StatusOr<std::unique_ptr<Generator>> MakePolyphonyGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model) {
  std::unique_ptr<PolyphonyEncoderDecoder> encoder_decoder = MakePolyphonyEncoderDecoder();
  MS_RETURN_IF_ERROR(CheckModelShape(generator_id, model->shape(), encoder_decoder->input_size(),
                                     {encoder_decoder->num_classes()}));
  return std::make_unique<PolyphonyGenerator>(std::move(encoder_decoder), std::move(model));
}

}  // namespace magenta_serving
