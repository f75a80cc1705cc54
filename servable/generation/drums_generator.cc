#include "servable/generation/drums_generator.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "servable/base/status.h"
#include "servable/encoding/lookback_event_sequence_encoder_decoder.h"
#include "servable/encoding/multi_drum_one_hot_encoding.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/generation/config_table.h"
#include "servable/generation/event_rnn_generator.h"
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

GeneratorDescription Describe(const DrumsConfig& config) {
  const std::string step = config.steps_per_quarter == 2 ? "8th notes" : "16th notes";
  return {
      "drums",
      config.id,
      {{"steps_per_quarter", config.steps_per_quarter}},
      CommandArguments(
          {{"primer_drums", "",
            "Primer: a list of tuples of drum pitches, one tuple for each 16th note: \"[(36, 42), "
            "(), (42,)]\". Without any primer, tracks begin with one hit of the bass drum."},
           NumStepsArgument(step)}),
      ScoreArguments("drum track",
                     {{"drums", "",
                       absl::StrCat("The drum track to score: a list of tuples as for "
                                    "primer_drums, of which each is a step (",
                                    step, ").")}}),
  };
}

class DrumsGenerator : public EventRnnGenerator {
 public:
  DrumsGenerator(const DrumsConfig& config, std::unique_ptr<DrumsEncoderDecoder> encoder_decoder,
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

  // The drum track of the primer section, as long as the section to generate starts late: what the
  // model continues. Sets `steps` to that section's.
  absl::StatusOr<DrumTrack> ExtractPrimer(const NoteSequence& input,
                                          const GeneratorOptions& options, double steps_per_second,
                                          const CallContext& context, GenerateSteps* steps) const;

  const DrumsConfig& config_;
  const std::unique_ptr<DrumsEncoderDecoder> encoder_decoder_;
};

// The drum track of a list of tuples of pitches in the argument `name`.
absl::StatusOr<DrumTrack> ReadDrums(const std::string& name, const std::string& value) {
  const absl::StatusOr<std::vector<std::vector<int>>> hits = ParseListOfIntegerLists(value);
  if (!hits.ok()) return Annotate(hits.status(), name);
  std::vector<DrumEvent> events;
  for (const std::vector<int>& pitches : *hits) events.emplace_back(pitches);
  return DrumTrack::Create(std::move(events));
}

absl::StatusOr<GeneratorInput> DrumsGenerator::MakeFamilyInput(const Arguments& arguments,
                                                               const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const double qpm, ReadQpm(arguments));
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
  MS_RETURN_IF_ERROR(AddGenerateSection(
      SectionStart::kStepAfterLastNote, num_steps,
      60.0 / PrimerQpm(input.sequence, qpm) / config_.steps_per_quarter, &input));
  return input;
}

absl::StatusOr<DrumTrack> DrumsGenerator::ExtractPrimer(const NoteSequence& input,
                                                        const GeneratorOptions& options,
                                                        double steps_per_second,
                                                        const CallContext& context,
                                                        GenerateSteps* steps) const {
  MS_ASSIGN_OR_RETURN(const PrimerSection primer,
                      ReadQuantizedPrimer(input, options, config_.steps_per_quarter,
                                          EarlyStartError::kBeforeEnd));
  MS_ASSIGN_OR_RETURN(DrumTrack drums, ExtractDrumTrack(primer.sequence, primer.start_step));
  MS_ASSIGN_OR_RETURN(*steps, QuantizeGenerateSection(options, steps_per_second));
  if (drums.empty()) {
    // One step of silence to continue from.
    MS_ASSIGN_OR_RETURN(const int64_t steps_per_bar, IntegerStepsPerBar(primer.sequence));
    MS_ASSIGN_OR_RETURN(drums, DrumTrack::Create({}, std::max<int64_t>(0, steps->start - 1),
                                                 steps_per_bar, config_.steps_per_quarter));
  }
  const int64_t primer_steps = steps->start - drums.start_step();
  MS_RETURN_IF_ERROR(CheckPrimerSteps(primer_steps, context.limits.steps()));
  MS_RETURN_IF_ERROR(drums.SetLength(primer_steps));
  return drums;
}

absl::StatusOr<Generation> DrumsGenerator::GenerateSection(const NoteSequence& input,
                                                           const GeneratorOptions& options,
                                                           NumpyRandom* random,
                                                           const CallContext& context) const {
  const double qpm = QuartersPerMinute(input);
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(config_.steps_per_quarter, qpm);
  GenerateSteps steps;
  MS_ASSIGN_OR_RETURN(DrumTrack drums,
                      ExtractPrimer(input, options, steps_per_second, context, &steps));
  const int64_t num_steps = steps.end - drums.start_step();
  MS_RETURN_IF_ERROR(CheckTotalSteps(num_steps, context.limits.steps()));

  // Python copies the track, which checks its events, once it has found its length to be right.
  if (!drums.empty() && drums.size() < num_steps) MS_RETURN_IF_ERROR(drums.CheckEvents());
  MS_ASSIGN_OR_RETURN(
      const GeneratedEvents generated,
      GenerateEvents(model(), DrumsTrack(std::move(drums), encoder_decoder_.get()), num_steps,
                     ReadGenerateEventsOptions(options), random, context));
  MS_ASSIGN_OR_RETURN(NoteSequence sequence,
                      generated.As<DrumsTrack>().sequence().ToSequence(100, 9, 0, qpm));
  return Generation{std::move(sequence), generated.log_likelihood};
}

absl::StatusOr<std::unique_ptr<EventTrack>> DrumsGenerator::ReadScoredTrack(
    const Arguments& arguments, const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {"drums"}));
  DrumTrack drums;
  if (given == "drums") {
    MS_ASSIGN_OR_RETURN(drums, ReadDrums(given, arguments.Get<std::string>(given)));
  } else {
    MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                        ReadQuantizedSequence(arguments, given, config_.steps_per_quarter));
    MS_ASSIGN_OR_RETURN(drums, ExtractDrumTrack(quantized));
    if (drums.empty())
      return absl::InvalidArgumentError(absl::StrCat(given, ": no drums in the sequence"));
    MS_RETURN_IF_ERROR(drums.CheckEvents());
  }
  MS_RETURN_IF_ERROR(CheckTotalSteps(drums.size(), context.limits.steps()));
  return std::make_unique<DrumsTrack>(std::move(drums), encoder_decoder_.get());
}

}  // namespace

const std::vector<DrumsConfig>& DrumsConfigs() {
  static const auto* configs = new std::vector<DrumsConfig>{
      {"one_drum", 2, MakeOneDrum},
      {"drum_kit", 4, MakeDrumKit},
  };
  return *configs;
}

absl::StatusOr<std::unique_ptr<Generator>> MakeDrumsGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model) {
  const DrumsConfig& config = *FindConfig(DrumsConfigs(), generator_id);
  std::unique_ptr<DrumsEncoderDecoder> encoder_decoder = config.make_encoder_decoder();
  MS_RETURN_IF_ERROR(CheckModelShape(generator_id, model->shape(), *encoder_decoder));
  return std::make_unique<DrumsGenerator>(config, std::move(encoder_decoder), std::move(model));
}

}  // namespace magenta_serving
