#include "servable/generation/polyphony_generator.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "servable/base/status.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/encoding/polyphony_one_hot_encoding.h"
#include "servable/generation/config_table.h"
#include "servable/generation/event_rnn_generator.h"
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

// How many events Magenta expects to fill a step, when it asks the model for them.
constexpr int kEventsPerStep = 5;

std::unique_ptr<PolyphonyEncoderDecoder> MakeOneHot() {
  return std::make_unique<OneHotEventSequenceEncoderDecoder<PolyphonicEvent>>(
      std::make_unique<PolyphonyOneHotEncoding>());
}

GeneratorDescription Describe(const PolyphonyConfig& config) {
  return {
      "polyphony",
      config.id,
      {{"steps_per_quarter", config.steps_per_quarter}},
      CommandArguments(
          {{"primer_pitches", "", "Primer: a list of pitches that sound together for a quarter."},
           {"primer_melody", "",
            "Primer: a list of melody events, one for each step: a pitch, -1 note off, -2 no "
            "event."},
           {"condition_on_primer", false,
            "Whether the model reads the primer before it goes on with a new sequence."},
           {"inject_primer_during_generation", true,
            "Whether the primer is played into the generated sequence, for the model to "
            "harmonize."},
           NumStepsArgument()}),
      ScoreArguments("polyphony", {}),
  };
}

class PolyphonyGenerator : public EventRnnGenerator {
 public:
  PolyphonyGenerator(const PolyphonyConfig& config,
                     std::unique_ptr<PolyphonyEncoderDecoder> encoder_decoder,
                     std::shared_ptr<const StepModel> model)
      : EventRnnGenerator(Describe(config), std::move(model)),
        config_(config),
        encoder_decoder_(std::move(encoder_decoder)) {}

 private:
  absl::StatusOr<GeneratorInput> MakeFamilyInput(const Arguments& arguments,
                                                 const CallContext& context) const override;
  absl::StatusOr<Generation> GenerateSection(const NoteSequence& input,
                                             const GeneratorOptions& options, NumpyRandom* random,
                                             const CallContext& context) const override;
  absl::StatusOr<std::unique_ptr<EventTrack>> ReadScoredTrack(
      const Arguments& arguments, const CallContext& context) const override;

  // The primer section's sequence up to the section to generate, without END. Sets `steps` to that
  // section's.
  absl::StatusOr<PolyphonicSequence> ExtractPrimer(const NoteSequence& input,
                                                   const GeneratorOptions& options,
                                                   double steps_per_second,
                                                   const CallContext& context,
                                                   GenerateSteps* steps) const;

  const PolyphonyConfig& config_;
  const std::unique_ptr<PolyphonyEncoderDecoder> encoder_decoder_;
};

absl::StatusOr<PolyphonicSequence> PolyphonyGenerator::ExtractPrimer(
    const NoteSequence& input, const GeneratorOptions& options, double steps_per_second,
    const CallContext& context, GenerateSteps* steps) const {
  MS_ASSIGN_OR_RETURN(const PrimerSection primer,
                      ReadQuantizedPrimer(input, options, config_.steps_per_quarter,
                                          EarlyStartError::kBeforeOrEqualToEnd));
  MS_ASSIGN_OR_RETURN(std::optional<PolyphonicSequence> extracted,
                      ExtractPolyphonicSequence(primer.sequence, primer.start_step));
  MS_ASSIGN_OR_RETURN(*steps, QuantizeGenerateSection(options, steps_per_second));
  PolyphonicSequence sequence = extracted.has_value()
                                    ? *std::move(extracted)
                                    : PolyphonicSequence(config_.steps_per_quarter, steps->start);
  const int64_t primer_steps = steps->start - sequence.start_step();
  MS_RETURN_IF_ERROR(CheckPrimerSteps(primer_steps, context.limits.steps()));
  MS_RETURN_IF_ERROR(sequence.SetLength(primer_steps));
  sequence.TrimTrailingEndEvents();
  return sequence;
}

absl::StatusOr<GeneratorInput> PolyphonyGenerator::MakeFamilyInput(
    const Arguments& arguments, const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const double qpm, ReadQpm(arguments));
  MS_ASSIGN_OR_RETURN(const int32_t num_steps, ReadNumSteps(arguments, context.limits.steps()));
  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(input.sequence,
                      ReadPrimer(arguments, qpm, {PrimerPitchesFlag(qpm), PrimerMelodyFlag(qpm)},
                                 [qpm] { return SilentPrimer(qpm); }));
  MS_RETURN_IF_ERROR(AddGenerateSection(
      SectionStart::kEndOfPrimer, num_steps,
      60.0 / PrimerQpm(input.sequence, qpm) / config_.steps_per_quarter, &input));
  auto& args = *input.options.mutable_args();
  args["condition_on_primer"].set_bool_value(arguments.Get<bool>("condition_on_primer"));
  args["no_inject_primer_during_generation"].set_bool_value(
      !arguments.Get<bool>("inject_primer_during_generation"));
  return input;
}

absl::StatusOr<Generation> PolyphonyGenerator::GenerateSection(const NoteSequence& input,
                                                               const GeneratorOptions& options,
                                                               NumpyRandom* random,
                                                               const CallContext& context) const {
  const double qpm = QuartersPerMinute(input);
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(config_.steps_per_quarter, qpm);
  GenerateSteps steps;
  MS_ASSIGN_OR_RETURN(PolyphonicSequence sequence,
                      ExtractPrimer(input, options, steps_per_second, context, &steps));

  const bool condition = ReadFlag(options, "condition_on_primer");
  GenerateEventsOptions events_options = ReadGenerateEventsOptions(options);
  // After the primer that the model has read, it is played once more.
  const PrimerInjection injection(sequence, condition ? sequence.num_steps() : 0);
  if (!ReadFlag(options, "no_inject_primer_during_generation")) {
    events_options.modify_events = [&](EventTrack& track) {
      return injection.Apply(static_cast<PolyphonyTrack&>(track).mutable_sequence());
    };
  }
  if (!condition) sequence = PolyphonicSequence(config_.steps_per_quarter, steps.start);
  const int64_t total_steps = sequence.num_steps() + (steps.end - steps.start);
  MS_RETURN_IF_ERROR(CheckTotalSteps(total_steps, context.limits.steps()));

  const auto events_to_add = [&](const EventTrack& track) -> int64_t {
    const int64_t steps_so_far = static_cast<const PolyphonyTrack&>(track).sequence().num_steps();
    return steps_so_far < total_steps ? kEventsPerStep * (total_steps - steps_so_far) : 0;
  };
  MS_ASSIGN_OR_RETURN(
      const GeneratedEvents generated,
      GenerateRounds(model(), PolyphonyTrack(std::move(sequence), encoder_decoder_.get()),
                     events_to_add, events_options, random, context));
  PolyphonicSequence result = generated.As<PolyphonyTrack>().sequence();
  MS_RETURN_IF_ERROR(result.SetLength(total_steps));
  PrimerSection base;
  if (!condition) {
    MS_ASSIGN_OR_RETURN(base, ReadPrimerSection(input, options, steps_per_second,
                                                EarlyStartError::kBeforeOrEqualToEnd));
  }
  MS_ASSIGN_OR_RETURN(NoteSequence notes,
                      result.ToSequence(qpm, condition ? nullptr : &base.sequence));
  return Generation{std::move(notes), generated.log_likelihood};
}

absl::StatusOr<std::unique_ptr<EventTrack>> PolyphonyGenerator::ReadScoredTrack(
    const Arguments& arguments, const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {}));
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                      ReadQuantizedSequence(arguments, given, config_.steps_per_quarter));
  MS_ASSIGN_OR_RETURN(std::optional<PolyphonicSequence> extracted,
                      ExtractPolyphonicSequence(quantized));
  if (!extracted.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(given, ": the notes have several programs; a polyphony has one"));
  }
  MS_RETURN_IF_ERROR(CheckTotalSteps(extracted->num_steps(), context.limits.steps()));
  return std::make_unique<PolyphonyTrack>(*std::move(extracted), encoder_decoder_.get());
}

}  // namespace

const std::vector<PolyphonyConfig>& PolyphonyConfigs() {
  static const auto* configs = new std::vector<PolyphonyConfig>{{"polyphony", 4, MakeOneHot}};
  return *configs;
}

absl::StatusOr<std::unique_ptr<Generator>> MakePolyphonyGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model) {
  const PolyphonyConfig& config = *FindConfig(PolyphonyConfigs(), generator_id);
  std::unique_ptr<PolyphonyEncoderDecoder> encoder_decoder = config.make_encoder_decoder();
  MS_RETURN_IF_ERROR(CheckModelShape(generator_id, model->shape(), *encoder_decoder));
  return std::make_unique<PolyphonyGenerator>(config, std::move(encoder_decoder), std::move(model));
}

}  // namespace magenta_serving
