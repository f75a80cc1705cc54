#include "servable/generation/melody_generator.h"

#include <cstdint>
#include <utility>

#include "servable/base/status.h"
#include "servable/encoding/key_melody_encoder_decoder.h"
#include "servable/encoding/lookback_event_sequence_encoder_decoder.h"
#include "servable/encoding/melody_one_hot_encoding.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/generation/config_table.h"
#include "servable/generation/event_rnn_generator.h"
#include "servable/generation/generate_events.h"
#include "servable/generation/generator_options.h"
#include "servable/generation/melody_primer.h"
#include "servable/generation/primer.h"
#include "servable/generation/sections.h"
#include "servable/music/melody.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using MelodyTrack = SequenceTrack<Melody, int>;
using MelodyEncoderDecoder = EventSequenceEncoderDecoder<int>;

std::unique_ptr<MelodyEncoderDecoder> MakeOneHot(int min_note, int max_note) {
  return std::make_unique<OneHotEventSequenceEncoderDecoder<int>>(
      std::make_unique<MelodyOneHotEncoding>(min_note, max_note));
}

std::unique_ptr<MelodyEncoderDecoder> MakeLookback(int min_note, int max_note) {
  return std::make_unique<LookbackEventSequenceEncoderDecoder<int>>(
      std::make_unique<MelodyOneHotEncoding>(min_note, max_note));
}

std::unique_ptr<MelodyEncoderDecoder> MakeKeyMelody(int min_note, int max_note) {
  return std::make_unique<KeyMelodyEncoderDecoder>(min_note, max_note);
}

GeneratorDescription Describe(const MelodyConfig& config) {
  return {
      "melody",
      config.id,
      {{"min_note", config.min_note},
       {"max_note", config.max_note},
       {"steps_per_quarter", config.steps_per_quarter}},
      CommandArguments({PrimerMelodyArgument(), NumStepsArgument()}),
      ScoreArguments("melody", {ScoredMelodyArgument()}),
  };
}

class MelodyGenerator : public EventRnnGenerator {
 public:
  MelodyGenerator(const MelodyConfig& config, std::unique_ptr<MelodyEncoderDecoder> encoder_decoder,
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

  // The primer section's melody up to the section to generate. Sets `steps` to that section's.
  absl::StatusOr<Melody> ExtractPrimer(const NoteSequence& input, const GeneratorOptions& options,
                                       double steps_per_second, const CallContext& context,
                                       GenerateSteps* steps) const;

  const MelodyConfig& config_;
  const std::unique_ptr<MelodyEncoderDecoder> encoder_decoder_;
};

absl::StatusOr<GeneratorInput> MelodyGenerator::MakeFamilyInput(const Arguments& arguments,
                                                                const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const double qpm, ReadQpm(arguments));
  MS_ASSIGN_OR_RETURN(const int32_t num_steps, ReadNumSteps(arguments, context.limits.steps()));
  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(input.sequence, ReadPrimer(arguments, qpm, {PrimerMelodyFlag(qpm)},
                                                 [qpm] { return MiddleC(qpm); }));
  MS_RETURN_IF_ERROR(AddGenerateSection(
      SectionStart::kStepAfterLastNote, num_steps,
      60.0 / PrimerQpm(input.sequence, qpm) / config_.steps_per_quarter, &input));
  return input;
}

absl::StatusOr<Melody> MelodyGenerator::ExtractPrimer(const NoteSequence& input,
                                                      const GeneratorOptions& options,
                                                      double steps_per_second,
                                                      const CallContext& context,
                                                      GenerateSteps* steps) const {
  MS_ASSIGN_OR_RETURN(const PrimerSection primer,
                      ReadQuantizedPrimer(input, options, config_.steps_per_quarter,
                                          EarlyStartError::kBeforeEnd));
  return ExtractMelodyPrimer(primer.sequence, primer.start_step, options, steps_per_second,
                             context.limits, steps);
}

absl::StatusOr<Generation> MelodyGenerator::GenerateSection(const NoteSequence& input,
                                                            const GeneratorOptions& options,
                                                            NumpyRandom* random,
                                                            const CallContext& context) const {
  const double qpm = QuartersPerMinute(input);
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(config_.steps_per_quarter, qpm);
  GenerateSteps steps;
  MS_ASSIGN_OR_RETURN(Melody melody,
                      ExtractPrimer(input, options, steps_per_second, context, &steps));
  const int64_t num_steps = steps.end - melody.start_step();
  MS_RETURN_IF_ERROR(CheckTotalSteps(num_steps, context.limits.steps()));

  MS_RETURN_IF_ERROR(melody.CheckEvents());
  melody = melody.DeepCopy();
  const int transpose_amount =
      melody.Squash(config_.min_note, config_.max_note, config_.transpose_to_key);
  MS_ASSIGN_OR_RETURN(
      const GeneratedEvents generated,
      GenerateEvents(model(), MelodyTrack(std::move(melody), encoder_decoder_.get()), num_steps,
                     ReadGenerateEventsOptions(options), random, context));
  Melody result = generated.As<MelodyTrack>().sequence();
  result.Transpose(-transpose_amount);
  MS_ASSIGN_OR_RETURN(NoteSequence sequence, result.ToSequence(100, 0, 0, 0.0, qpm));
  return Generation{std::move(sequence), generated.log_likelihood};
}

absl::StatusOr<std::unique_ptr<EventTrack>> MelodyGenerator::ReadScoredTrack(
    const Arguments& arguments, const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {kScoredMelody}));
  MS_ASSIGN_OR_RETURN(const ScoredMelody scored,
                      ReadScoredMelody(arguments, given, config_.steps_per_quarter));
  MS_RETURN_IF_ERROR(scored.melody.CheckEvents());
  MS_RETURN_IF_ERROR(CheckTotalSteps(scored.melody.size(), context.limits.steps()));
  Melody melody = scored.melody.DeepCopy();
  melody.Squash(config_.min_note, config_.max_note, config_.transpose_to_key);
  return std::make_unique<MelodyTrack>(std::move(melody), encoder_decoder_.get());
}

}  // namespace

const std::vector<MelodyConfig>& MelodyConfigs() {
  static const auto* configs = new std::vector<MelodyConfig>{
      {"basic_rnn", 48, 84, 0, 4, MakeOneHot},
      {"mono_rnn", 0, 128, std::nullopt, 4, MakeOneHot},
      {"lookback_rnn", 48, 84, 0, 4, MakeLookback},
      {"attention_rnn", 48, 84, 0, 4, MakeKeyMelody},
  };
  return *configs;
}

absl::StatusOr<std::unique_ptr<Generator>> MakeMelodyGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model) {
  const MelodyConfig& config = *FindConfig(MelodyConfigs(), generator_id);
  std::unique_ptr<MelodyEncoderDecoder> encoder_decoder =
      config.make_encoder_decoder(config.min_note, config.max_note);
  MS_RETURN_IF_ERROR(CheckModelShape(generator_id, model->shape(), *encoder_decoder));
  return std::make_unique<MelodyGenerator>(config, std::move(encoder_decoder), std::move(model));
}

}  // namespace magenta_serving
