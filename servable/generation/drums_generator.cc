#include "servable/generation/drums_generator.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "servable/base/status.h"
#include "servable/encoding/lookback_event_sequence_encoder_decoder.h"
#include "servable/encoding/multi_drum_one_hot_encoding.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/generation/generate_events.h"
#include "servable/generation/generator_options.h"
#include "servable/generation/primer.h"
#include "servable/generation/sections.h"
#include "servable/music/drum_extraction.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using DrumsTrack = SequenceTrack<DrumTrack, DrumEvent>;
using DrumsEncoderDecoder = EventSequenceEncoderDecoder<DrumEvent>;

std::unique_ptr<DrumsEncoderDecoder> MakeOneDrum() {
  return std::make_unique<OneHotEventSequenceEncoderDecoder<DrumEvent>>(
      std::make_unique<MultiDrumOneHotEncoding>(OneDrumTypePitches()));
}

std::unique_ptr<DrumsEncoderDecoder> MakeDrumKit() {
  return std::make_unique<LookbackEventSequenceEncoderDecoder<DrumEvent>>(
      std::make_unique<MultiDrumOneHotEncoding>(), /*lookback_distances=*/std::vector<int>(),
      /*binary_counter_bits=*/6);
}

const std::vector<DrumsConfig>& Configs() {
  static const auto* configs = new std::vector<DrumsConfig>{
      {"one_drum", 2, MakeOneDrum},
      {"drum_kit", 4, MakeDrumKit},
  };
  return *configs;
}

class DrumsGenerator : public Generator {
 public:
  DrumsGenerator(const DrumsConfig& config, std::unique_ptr<DrumsEncoderDecoder> encoder_decoder,
                 std::shared_ptr<const StepModel> model)
      : config_(config), encoder_decoder_(std::move(encoder_decoder)), model_(std::move(model)) {
    const std::string step = config_.steps_per_quarter == 2 ? "8th notes" : "16th notes";
    arguments_ = CommandArguments({
        {"primer_drums", "",
         "Primer: a list of tuples of drum pitches, one tuple for each 16th note: \"[(36, 42), (), "
         "(42,)]\". Without any primer, tracks begin with one hit of the bass drum."},
        {"num_steps", 128,
         absl::StrCat("Length in steps (", step, ") of each output, primer included.")},
    });
    for (ArgumentSpec& argument : GenerateEventsArguments())
      arguments_.push_back(std::move(argument));
    score_arguments_ = ScoreArguments(
        "drum track", {{"drums", "",
                        absl::StrCat("The drum track to score: a list of tuples as for "
                                     "primer_drums, of which each is a step (",
                                     step, ").")}});
  }

  std::string family() const override { return "drums"; }
  std::string config() const override { return config_.id; }

  std::map<std::string, int> config_values() const override {
    return {{"steps_per_quarter", config_.steps_per_quarter}};
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
  // The drum track of the primer section, as long as the section to generate starts late: what the
  // model continues. Sets `steps` to that section's.
  absl::StatusOr<DrumTrack> ExtractPrimer(const PrimerSection& primer,
                                          const GeneratorOptions& options, double steps_per_second,
                                          const CallContext& context, GenerateSteps* steps) const;

  const DrumsConfig& config_;
  const std::unique_ptr<DrumsEncoderDecoder> encoder_decoder_;
  const std::shared_ptr<const StepModel> model_;
  std::vector<ArgumentSpec> arguments_;
  std::vector<ArgumentSpec> score_arguments_;
};

// The drum track of a list of tuples of pitches in the argument `name`.
absl::StatusOr<DrumTrack> ReadDrums(const std::string& name, const std::string& value) {
  const absl::StatusOr<std::vector<std::vector<int>>> hits = ParseListOfIntegerLists(value);
  if (!hits.ok()) return Annotate(hits.status(), name);
  std::vector<DrumEvent> events;
  for (const std::vector<int>& pitches : *hits) events.emplace_back(pitches);
  return DrumTrack::Create(std::move(events));
}

absl::StatusOr<GeneratorInput> DrumsGenerator::MakeInput(const Arguments& arguments,
                                                         const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckGenerateEventsArguments(arguments));
  MS_ASSIGN_OR_RETURN(double qpm, ReadQpm(arguments));
  MS_ASSIGN_OR_RETURN(const int32_t num_steps, ReadNumSteps(arguments, context.limits.steps()));
  // The command's tracks have four steps per quarter whatever the model's.
  const auto to_sequence = [&](const DrumTrack& drums) { return drums.ToSequence(100, 9, 0, qpm); };
  const auto parse = [&](const std::string& value) -> absl::StatusOr<NoteSequence> {
    MS_ASSIGN_OR_RETURN(const DrumTrack drums, ReadDrums("primer_drums", value));
    return to_sequence(drums);
  };
  const auto bass_drum = [&] { return to_sequence(*DrumTrack::Create({DrumEvent({36})})); };
  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(input.sequence,
                      ReadPrimer(arguments, qpm, {{"primer_drums", parse}}, bass_drum));
  qpm = PrimerQpm(input.sequence, qpm);
  const double seconds_per_step = 60.0 / qpm / config_.steps_per_quarter;
  const double last_end_time = LastEndTime(input.sequence);
  MS_RETURN_IF_ERROR(AddGenerateSection(last_end_time, last_end_time + seconds_per_step, num_steps,
                                        seconds_per_step, &input.options));
  SetGenerateEventsOptions(arguments, &input.options);
  return input;
}

absl::StatusOr<DrumTrack> DrumsGenerator::ExtractPrimer(const PrimerSection& primer,
                                                        const GeneratorOptions& options,
                                                        double steps_per_second,
                                                        const CallContext& context,
                                                        GenerateSteps* steps) const {
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                      QuantizeNoteSequence(primer.sequence, config_.steps_per_quarter));
  MS_ASSIGN_OR_RETURN(DrumTrack drums, ExtractDrumTrack(quantized, primer.start_step));
  MS_ASSIGN_OR_RETURN(*steps, QuantizeGenerateSection(options, steps_per_second));
  if (drums.empty()) {
    // One step of silence to continue from.
    MS_ASSIGN_OR_RETURN(const int64_t steps_per_bar, IntegerStepsPerBar(quantized));
    MS_ASSIGN_OR_RETURN(drums, DrumTrack::Create({}, std::max<int64_t>(0, steps->start - 1),
                                                 steps_per_bar, config_.steps_per_quarter));
  }
  const int64_t primer_steps = steps->start - drums.start_step();
  MS_RETURN_IF_ERROR(CheckPrimerSteps(primer_steps, context.limits.steps()));
  MS_RETURN_IF_ERROR(drums.SetLength(primer_steps));
  return drums;
}

absl::StatusOr<Generation> DrumsGenerator::Generate(const NoteSequence& input,
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
  GenerateSteps steps;
  MS_ASSIGN_OR_RETURN(DrumTrack drums,
                      ExtractPrimer(primer, options, steps_per_second, context, &steps));
  const int64_t num_steps = steps.end - drums.start_step();
  MS_RETURN_IF_ERROR(CheckTotalSteps(num_steps, context.limits.steps()));

  // Python copies the track, which checks its events, once it has found its length to be right.
  if (!drums.empty() && drums.size() < num_steps) MS_RETURN_IF_ERROR(drums.CheckEvents());
  MS_ASSIGN_OR_RETURN(
      const GeneratedEvents generated,
      GenerateEvents(*model_, DrumsTrack(std::move(drums), encoder_decoder_.get()), num_steps,
                     ReadGenerateEventsOptions(options), random, context));

  Generation generation;
  generation.log_likelihood = generated.log_likelihood;
  MS_ASSIGN_OR_RETURN(generation.sequence,
                      generated.As<DrumsTrack>().sequence().ToSequence(100, 9, 0, qpm));
  MS_RETURN_IF_ERROR(CheckGeneratedEnd(generation.sequence, section.end_time()));
  return generation;
}

absl::StatusOr<SequenceScore> DrumsGenerator::Score(const Arguments& arguments,
                                                    const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {"drums"}));
  DrumTrack drums;
  if (given == "drums") {
    MS_ASSIGN_OR_RETURN(drums, ReadDrums(given, arguments.Get<std::string>(given)));
  } else {
    MS_ASSIGN_OR_RETURN(const NoteSequence sequence, ReadSequence(arguments, given));
    MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                        QuantizeNoteSequence(sequence, config_.steps_per_quarter));
    MS_ASSIGN_OR_RETURN(drums, ExtractDrumTrack(quantized));
    if (drums.empty())
      return absl::InvalidArgumentError(absl::StrCat(given, ": no drums in the sequence"));
    MS_RETURN_IF_ERROR(drums.CheckEvents());
  }
  MS_RETURN_IF_ERROR(CheckTotalSteps(drums.size(), context.limits.steps()));
  MS_ASSIGN_OR_RETURN(
      std::vector<float> events,
      EventLogLikelihoods(*model_, DrumsTrack(std::move(drums), encoder_decoder_.get()), context));
  return SequenceScore(std::move(events));
}

}  // namespace

const DrumsConfig* FindDrumsConfig(const std::string& id) {
  for (const DrumsConfig& config : Configs()) {
    if (config.id == id) return &config;
  }
  return nullptr;
}

std::vector<std::string> DrumsGeneratorIds() {
  std::vector<std::string> ids;
  for (const DrumsConfig& config : Configs()) ids.push_back(config.id);
  return ids;
}

absl::StatusOr<std::unique_ptr<Generator>> MakeDrumsGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model) {
  const DrumsConfig& config = *FindDrumsConfig(generator_id);
  std::unique_ptr<DrumsEncoderDecoder> encoder_decoder = config.make_encoder_decoder();
  MS_RETURN_IF_ERROR(CheckModelShape(generator_id, model->shape(), encoder_decoder->input_size(),
                                     {encoder_decoder->num_classes()}));
  return std::make_unique<DrumsGenerator>(config, std::move(encoder_decoder), std::move(model));
}

}  // namespace magenta_serving
