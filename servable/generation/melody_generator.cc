#include "servable/generation/melody_generator.h"

#include <cstdint>
#include <utility>

#include "servable/base/status.h"
#include "servable/encoding/key_melody_encoder_decoder.h"
#include "servable/encoding/lookback_event_sequence_encoder_decoder.h"
#include "servable/encoding/melody_one_hot_encoding.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
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

const std::vector<MelodyConfig>& Configs() {
  static const auto* configs = new std::vector<MelodyConfig>{
      {"basic_rnn", 48, 84, 0, 4, MakeOneHot},
      {"mono_rnn", 0, 128, std::nullopt, 4, MakeOneHot},
      {"lookback_rnn", 48, 84, 0, 4, MakeLookback},
      {"attention_rnn", 48, 84, 0, 4, MakeKeyMelody},
  };
  return *configs;
}

class MelodyGenerator : public Generator {
 public:
  MelodyGenerator(const MelodyConfig& config, std::unique_ptr<MelodyEncoderDecoder> encoder_decoder,
                  std::shared_ptr<const StepModel> model)
      : config_(config), encoder_decoder_(std::move(encoder_decoder)), model_(std::move(model)) {
    arguments_ = CommandArguments({
        PrimerMelodyArgument(),
        {"num_steps", 128, "Length in steps (16th notes) of each output, primer included."},
    });
    for (ArgumentSpec& argument : GenerateEventsArguments())
      arguments_.push_back(std::move(argument));
    score_arguments_ = ScoreArguments(
        "melody",
        {{"melody", "", "The melody to score: a list of melody events, as for primer_melody."}});
  }

  std::string family() const override { return "melody"; }
  std::string config() const override { return config_.id; }

  std::map<std::string, int> config_values() const override {
    return {{"min_note", config_.min_note},
            {"max_note", config_.max_note},
            {"steps_per_quarter", config_.steps_per_quarter}};
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
  const MelodyConfig& config_;
  const std::unique_ptr<MelodyEncoderDecoder> encoder_decoder_;
  const std::shared_ptr<const StepModel> model_;
  std::vector<ArgumentSpec> arguments_;
  std::vector<ArgumentSpec> score_arguments_;
};

absl::StatusOr<GeneratorInput> MelodyGenerator::MakeInput(const Arguments& arguments,
                                                          const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckGenerateEventsArguments(arguments));
  MS_ASSIGN_OR_RETURN(double qpm, ReadQpm(arguments));
  MS_ASSIGN_OR_RETURN(const int32_t num_steps, ReadNumSteps(arguments, context.limits.steps()));
  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(input.sequence, ReadPrimer(arguments, qpm, {PrimerMelodyFlag(qpm)},
                                                 [qpm] { return MiddleC(qpm); }));
  qpm = PrimerQpm(input.sequence, qpm);
  const double seconds_per_step = 60.0 / qpm / config_.steps_per_quarter;
  const double last_end_time = LastEndTime(input.sequence);
  MS_RETURN_IF_ERROR(AddGenerateSection(last_end_time, last_end_time + seconds_per_step, num_steps,
                                        seconds_per_step, &input.options));
  SetGenerateEventsOptions(arguments, &input.options);
  return input;
}

absl::StatusOr<Generation> MelodyGenerator::Generate(const NoteSequence& input,
                                                     const GeneratorOptions& options,
                                                     NumpyRandom* random,
                                                     const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckSections(options));
  const auto& section = options.generate_sections(0);
  const double qpm = QuartersPerMinute(input);
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(config_.steps_per_quarter, qpm);
  MS_ASSIGN_OR_RETURN(const PrimerSection primer,
                      ReadPrimerSection(input, options, steps_per_second));
  MS_RETURN_IF_ERROR(
      CheckGenerateStart(primer.sequence, section.start_time(), EarlyStartError::kBeforeEnd));
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                      QuantizeNoteSequence(primer.sequence, config_.steps_per_quarter));
  GenerateSteps steps;
  MS_ASSIGN_OR_RETURN(Melody melody,
                      ExtractMelodyPrimer(quantized, primer.start_step, options, steps_per_second,
                                          context.limits, &steps));
  const int64_t num_steps = steps.end - melody.start_step();
  MS_RETURN_IF_ERROR(CheckTotalSteps(num_steps, context.limits.steps()));

  MS_RETURN_IF_ERROR(melody.CheckEvents());
  melody = melody.DeepCopy();
  const int transpose_amount =
      melody.Squash(config_.min_note, config_.max_note, config_.transpose_to_key);
  MS_ASSIGN_OR_RETURN(
      const GeneratedEvents generated,
      GenerateEvents(*model_, MelodyTrack(std::move(melody), encoder_decoder_.get()), num_steps,
                     ReadGenerateEventsOptions(options), random, context));
  Melody result = generated.As<MelodyTrack>().sequence();
  result.Transpose(-transpose_amount);

  Generation generation;
  generation.log_likelihood = generated.log_likelihood;
  MS_ASSIGN_OR_RETURN(generation.sequence, result.ToSequence(100, 0, 0, 0.0, qpm));
  MS_RETURN_IF_ERROR(CheckGeneratedEnd(generation.sequence, section.end_time()));
  return generation;
}

absl::StatusOr<SequenceScore> MelodyGenerator::Score(const Arguments& arguments,
                                                     const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {"melody"}));
  Melody melody;
  if (given == "melody") {
    MS_ASSIGN_OR_RETURN(melody, ParseMelody(given, arguments.Get<std::string>(given)));
  } else {
    MS_ASSIGN_OR_RETURN(const NoteSequence sequence, ReadSequence(arguments, given));
    MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                        QuantizeNoteSequence(sequence, config_.steps_per_quarter));
    MS_ASSIGN_OR_RETURN(melody, ExtractOnlyMelody(quantized, 0));
    if (melody.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(given, ": no melody in the sequence"));
    }
    MS_RETURN_IF_ERROR(melody.CheckEvents());
    melody = melody.DeepCopy();
  }
  MS_RETURN_IF_ERROR(CheckTotalSteps(melody.size(), context.limits.steps()));
  melody.Squash(config_.min_note, config_.max_note, config_.transpose_to_key);
  MS_ASSIGN_OR_RETURN(
      std::vector<float> events,
      EventLogLikelihoods(*model_, MelodyTrack(std::move(melody), encoder_decoder_.get()),
                          context));
  return SequenceScore(std::move(events));
}

}  // namespace

const MelodyConfig* FindMelodyConfig(const std::string& id) {
  for (const MelodyConfig& config : Configs()) {
    if (config.id == id) return &config;
  }
  return nullptr;
}

std::vector<std::string> MelodyGeneratorIds() {
  std::vector<std::string> ids;
  for (const MelodyConfig& config : Configs()) ids.push_back(config.id);
  return ids;
}

absl::StatusOr<std::unique_ptr<Generator>> MakeMelodyGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model) {
  const MelodyConfig& config = *FindMelodyConfig(generator_id);
  std::unique_ptr<MelodyEncoderDecoder> encoder_decoder =
      config.make_encoder_decoder(config.min_note, config.max_note);
  MS_RETURN_IF_ERROR(CheckModelShape(generator_id, model->shape(), encoder_decoder->input_size(),
                                     {encoder_decoder->num_classes()}));
  return std::make_unique<MelodyGenerator>(config, std::move(encoder_decoder), std::move(model));
}

}  // namespace magenta_serving
