#include "servable/generation/improv_generator.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_split.h"
#include "servable/base/status.h"
#include "servable/encoding/key_melody_encoder_decoder.h"
#include "servable/encoding/melody_one_hot_encoding.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/encoding/pitch_chords_encoder.h"
#include "servable/encoding/triad_chord_one_hot_encoding.h"
#include "servable/generation/config_table.h"
#include "servable/generation/event_rnn_generator.h"
#include "servable/generation/generate_events.h"
#include "servable/generation/generator_options.h"
#include "servable/generation/melody_primer.h"
#include "servable/generation/primer.h"
#include "servable/generation/sections.h"
#include "servable/music/chord_progression.h"
#include "servable/music/chord_renderer.h"
#include "servable/music/chord_symbol.h"
#include "servable/music/lead_sheet.h"
#include "servable/music/melody.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

constexpr char kDefaultBackingChords[] = "C G Am F C G F C";
constexpr int kRenderedChordVelocity = 50;

std::unique_ptr<EventSequenceEncoder<std::string>> MakeTriadOneHot() {
  return std::make_unique<OneHotEventSequenceEncoderDecoder<std::string>>(
      std::make_unique<TriadChordOneHotEncoding>());
}

std::unique_ptr<EventSequenceEncoderDecoder<int>> MakeMelodyOneHot(int min_note, int max_note) {
  return std::make_unique<OneHotEventSequenceEncoderDecoder<int>>(
      std::make_unique<MelodyOneHotEncoding>(min_note, max_note));
}

std::unique_ptr<ImprovEncoderDecoder> MakeBasic(int min_note, int max_note) {
  return std::make_unique<ImprovEncoderDecoder>(MakeTriadOneHot(),
                                                MakeMelodyOneHot(min_note, max_note));
}

std::unique_ptr<ImprovEncoderDecoder> MakeAttention(int min_note, int max_note) {
  return std::make_unique<ImprovEncoderDecoder>(
      MakeTriadOneHot(), std::make_unique<KeyMelodyEncoderDecoder>(min_note, max_note));
}

std::unique_ptr<ImprovEncoderDecoder> MakeChordPitches(int min_note, int max_note) {
  return std::make_unique<ImprovEncoderDecoder>(std::make_unique<PitchChordsEncoder>(),
                                                MakeMelodyOneHot(min_note, max_note));
}

// The chord of each step, of which the last one goes on. Copies share the texts.
class ChordControls {
 public:
  explicit ChordControls(std::vector<std::string> chords)
      : chords_(std::make_shared<const std::vector<std::string>>(std::move(chords))) {}

  const std::vector<std::string>& events() const { return *chords_; }

  void Extend(const Melody& melody) {
    if (chords_->empty() || chords_->size() > melody.events().size()) return;
    std::vector<std::string> chords = *chords_;
    const std::string last = chords.back();
    chords.resize(melody.events().size() + 1, last);
    chords_ = std::make_shared<const std::vector<std::string>>(std::move(chords));
  }

 private:
  std::shared_ptr<const std::vector<std::string>> chords_;
};

using ImprovTrack = ConditionalTrack<Melody, int, ChordControls, std::string>;

// The chords of the argument backing_chords, "C Am7 F/G N.C.", each for `steps_per_chord` steps.
absl::StatusOr<ChordProgression> ReadBackingChords(const Arguments& arguments, const Bound& bound) {
  const int32_t steps_per_chord = arguments.Get<int32_t>("steps_per_chord");
  const std::vector<absl::string_view> symbols =
      absl::StrSplit(arguments.Get<std::string>("backing_chords"),
                     absl::ByAnyChar(" \t\n\v\f\r"), absl::SkipEmpty());
  const int64_t steps = static_cast<int64_t>(symbols.size()) * steps_per_chord;
  if (steps < 1 || steps > bound.value) {
    return absl::InvalidArgumentError(absl::StrCat(
        "backing_chords has ", symbols.size(), " chords of ", steps_per_chord,
        " steps (steps_per_chord); together they must be from 1 to ", bound.value));
  }
  std::vector<std::string> figures;
  for (const absl::string_view symbol : symbols) {
    MS_RETURN_IF_ERROR(Annotate(CheckChordSymbolSize(symbol), "backing_chords"));
    figures.insert(figures.end(), steps_per_chord, std::string(symbol));
  }
  return ChordProgression(std::move(figures));
}

GeneratorDescription Describe(const ImprovConfig& config) {
  const ArgumentSpec steps_per_chord = {"steps_per_chord", 16,
                                        "Steps (16th notes) that each of the chords lasts."};
  return {
      "improv",
      config.id,
      {{"min_note", config.min_note},
       {"max_note", config.max_note},
       {"steps_per_quarter", config.steps_per_quarter}},
      CommandArguments(
          {PrimerMelodyArgument(),
           {"backing_chords", kDefaultBackingChords,
            "The chords to improvise over from the beginning of the primer on: symbols with spaces "
            "between them, N.C. for none. They make the length of each output, and take the place "
            "of chords in the primer."},
           steps_per_chord,
           {"render_chords", false, "Adds the chords to the output as notes, too."}}),
      ScoreArguments(
          "melody",
          {ScoredMelodyArgument(),
           {"backing_chords", "",
            "The melody's chords, as for generate. May be left out where sequence_bytes has them."},
           steps_per_chord}),
  };
}

class ImprovGenerator : public EventRnnGenerator {
 public:
  ImprovGenerator(const ImprovConfig& config, std::unique_ptr<ImprovEncoderDecoder> encoder_decoder,
                  std::shared_ptr<const StepModel> model)
      : EventRnnGenerator(Describe(config), std::move(model)),
        config_(config),
        encoder_decoder_(std::move(encoder_decoder)) {}

  absl::Status Finish(const Arguments& arguments, NoteSequence* sequence) const override;

 private:
  absl::StatusOr<GeneratorInput> MakeFamilyInput(const Arguments& arguments,
                                                 const CallContext& context) const override;
  absl::StatusOr<Generation> GenerateSection(const NoteSequence& input,
                                             const GeneratorOptions& options, NumpyRandom* random,
                                             const CallContext& context) const override;
  absl::StatusOr<std::unique_ptr<EventTrack>> ReadScoredTrack(
      const Arguments& arguments, const CallContext& context) const override;

  // A melody and its chords, and the steps of the section to generate.
  struct LeadSheet {
    Melody melody;
    ChordProgression chords;
    GenerateSteps steps;
  };

  // What is before the section to generate, and the chords from there to its end.
  absl::StatusOr<LeadSheet> ExtractPrimer(const NoteSequence& input,
                                          const GeneratorOptions& options, double steps_per_second,
                                          const CallContext& context) const;

  // The track of a melody as the model sees it. ChordSymbolError for chords that are none.
  absl::StatusOr<ImprovTrack> MakeTrack(const Melody& melody, ChordProgression chords) const;

  const ImprovConfig& config_;
  const std::unique_ptr<ImprovEncoderDecoder> encoder_decoder_;
};

// Magenta means to drop the chords before the melody, but drops as many at the end, where its
// assertion then notices: it refuses melodies that do not begin in the first bar. With this
// argument in GeneratorOptions, which Magenta does not know, the right ones are dropped.
constexpr char kAlignChords[] = "align_chords";

void RemoveChords(NoteSequence* sequence) {
  auto& annotations = *sequence->mutable_text_annotations();
  annotations.erase(std::remove_if(annotations.begin(), annotations.end(),
                                   [](const NoteSequence::TextAnnotation& annotation) {
                                     return annotation.annotation_type() ==
                                            NoteSequence::TextAnnotation::CHORD_SYMBOL;
                                   }),
                    annotations.end());
}

// The end of `num_steps` steps that last `seconds` by multiplication: that, or the double after it
// that is not rounded down to the step before. Where rounding makes the product fall short,
// Magenta's command always fails.
double EndTime(double seconds, int num_steps, double steps_per_second) {
  constexpr int kMostUnits = 4;  // in the last place; the product is off by two at most
  for (int i = 0; i < kMostUnits && std::trunc(seconds * steps_per_second) < num_steps; ++i) {
    seconds = std::nextafter(seconds, std::numeric_limits<double>::infinity());
  }
  return seconds;
}

absl::StatusOr<GeneratorInput> ImprovGenerator::MakeFamilyInput(const Arguments& arguments,
                                                                const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(double qpm, ReadQpm(arguments));
  MS_ASSIGN_OR_RETURN(const ChordProgression chords,
                      ReadBackingChords(arguments, context.limits.steps()));
  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(input.sequence, ReadPrimer(arguments, qpm, {PrimerMelodyFlag(qpm)},
                                                 [qpm] { return MiddleC(qpm); }));
  qpm = PrimerQpm(input.sequence, qpm);
  MS_RETURN_IF_ERROR(AddGenerateSection(SectionStart::kStepAfterLastNote, chords.size(),
                                        60.0 / qpm / config_.steps_per_quarter, &input));
  (*input.options.mutable_args())[kAlignChords].set_bool_value(true);

  auto* section = input.options.mutable_generate_sections(0);
  section->set_end_time(
      EndTime(section->end_time(), chords.size(),
              StepsPerQuarterToStepsPerSecond(config_.steps_per_quarter, qpm)));
  input.sequence.set_total_time(section->end_time());
  RemoveChords(&input.sequence);
  MS_ASSIGN_OR_RETURN(const NoteSequence chord_sequence, chords.ToSequence(0.0, qpm));
  input.sequence.mutable_text_annotations()->MergeFrom(chord_sequence.text_annotations());
  return input;
}

absl::StatusOr<ImprovTrack> ImprovGenerator::MakeTrack(const Melody& melody,
                                                       ChordProgression chords) const {
  MS_RETURN_IF_ERROR(melody.CheckEvents());
  Melody squashed = melody.DeepCopy();
  // Without a key to transpose to, pitches are only folded into the range, and the chords stay what
  // they are, which still parses them all.
  squashed.Squash(config_.min_note, config_.max_note, std::nullopt);
  MS_RETURN_IF_ERROR(chords.Transpose(0));
  return ImprovTrack(std::move(squashed), ChordControls(chords.events()), encoder_decoder_.get());
}

absl::StatusOr<ImprovGenerator::LeadSheet> ImprovGenerator::ExtractPrimer(
    const NoteSequence& input, const GeneratorOptions& options, double steps_per_second,
    const CallContext& context) const {
  const auto& section = options.generate_sections(0);

  // The melody comes from the input section, or from what is before the section to generate; the
  // chords from there to the end of that section.
  const bool has_input_section = options.input_sections_size() == 1;
  const double start_time = has_input_section ? options.input_sections(0).start_time() : 0.0;
  MS_ASSIGN_OR_RETURN(const NoteSequence primer,
                      TrimNoteSequence(input, start_time,
                                       has_input_section ? options.input_sections(0).end_time()
                                                         : section.start_time()));
  MS_ASSIGN_OR_RETURN(const NoteSequence backing,
                      TrimNoteSequence(input, start_time, section.end_time()));
  int64_t input_start_step = 0;
  if (has_input_section) {
    MS_ASSIGN_OR_RETURN(input_start_step, QuantizeToStep(start_time, steps_per_second, 0));
  }
  MS_RETURN_IF_ERROR(CheckGenerateStart(primer, section.start_time(),
                                        EarlyStartError::kBeforeOrEqualToEndOfInputSection));

  MS_ASSIGN_OR_RETURN(const NoteSequence quantized_primer,
                      QuantizeNoteSequence(primer, config_.steps_per_quarter));
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized_backing,
                      QuantizeNoteSequence(backing, config_.steps_per_quarter));
  LeadSheet sheet;
  MS_ASSIGN_OR_RETURN(sheet.melody,
                      ExtractMelodyPrimer(quantized_primer, input_start_step, options,
                                          steps_per_second, context.limits, &sheet.steps));
  MS_RETURN_IF_ERROR(
      CheckTotalSteps(quantized_backing.total_quantized_steps(), context.limits.steps()));
  MS_ASSIGN_OR_RETURN(
      sheet.chords,
      ChordProgression::FromQuantizedSequence(quantized_backing, 0,
                                              quantized_backing.total_quantized_steps()));
  return sheet;
}

absl::StatusOr<Generation> ImprovGenerator::GenerateSection(const NoteSequence& input,
                                                            const GeneratorOptions& options,
                                                            NumpyRandom* random,
                                                            const CallContext& context) const {
  const double qpm = QuartersPerMinute(input);
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(config_.steps_per_quarter, qpm);
  MS_ASSIGN_OR_RETURN(LeadSheet sheet, ExtractPrimer(input, options, steps_per_second, context));
  auto& [melody, chords, steps] = sheet;

  if (ReadFlag(options, kAlignChords)) {
    chords.DropBefore(melody.start_step());
  } else if (chords.start_step() < melody.start_step()) {
    MS_RETURN_IF_ERROR(
        chords.SetLength(chords.size() - melody.start_step() + chords.start_step()));
  }
  if (chords.end_step() != steps.end) {
    return MagentaError(
        "AssertionError",
        absl::StrCat("the chords end at step ", chords.end_step(), ", the section to generate at ",
                     steps.end, "; the input sequence has to last until that section ends, its ",
                     "melody to begin in the first bar, and an input section cannot be given"));
  }
  MS_ASSIGN_OR_RETURN(const ImprovTrack track, MakeTrack(melody, chords));
  MS_ASSIGN_OR_RETURN(const GeneratedEvents generated,
                      GenerateEvents(model(), track, chords.size(),
                                     ReadGenerateEventsOptions(options), random, context));
  MS_ASSIGN_OR_RETURN(NoteSequence sequence,
                      LeadSheetToSequence(generated.As<ImprovTrack>().sequence(), chords, qpm));
  // A lead sheet's chords are timed from its beginning, its notes from that of the source.
  const double chords_start_time =
      chords.start_step() * (60.0 / qpm / config_.steps_per_quarter);
  for (auto& chord : *sequence.mutable_text_annotations()) {
    chord.set_time(chord.time() + chords_start_time);
  }
  return Generation{std::move(sequence), generated.log_likelihood};
}

absl::Status ImprovGenerator::Finish(const Arguments& arguments, NoteSequence* sequence) const {
  if (!arguments.Get<bool>("render_chords")) return absl::OkStatus();
  return RenderChords(kRenderedChordVelocity, *sequence);
}

absl::StatusOr<std::unique_ptr<EventTrack>> ImprovGenerator::ReadScoredTrack(
    const Arguments& arguments, const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given, ScoredArgument(arguments, {kScoredMelody}));
  const bool has_backing_chords = !arguments.Get<std::string>("backing_chords").empty();
  if (!has_backing_chords && given != "sequence_bytes") {
    return absl::InvalidArgumentError("give backing_chords, too: the chords of the melody");
  }
  ChordProgression chords;
  if (has_backing_chords) {
    MS_ASSIGN_OR_RETURN(chords, ReadBackingChords(arguments, context.limits.steps()));
  }
  MS_ASSIGN_OR_RETURN(const ScoredMelody scored,
                      ReadScoredMelody(arguments, given, config_.steps_per_quarter));
  const Melody& melody = scored.melody;
  MS_RETURN_IF_ERROR(CheckTotalSteps(melody.end_step(), context.limits.steps()));
  if (has_backing_chords) {
    chords.DropBefore(melody.start_step());
  } else {
    MS_ASSIGN_OR_RETURN(chords, ChordProgression::FromQuantizedSequence(
                                    scored.quantized, melody.start_step(), melody.end_step()));
  }
  if (chords.size() < melody.size()) {
    return MagentaError("EventSequenceRnnModelError",
                        "control sequence must be at least as long as the event sequences");
  }
  MS_ASSIGN_OR_RETURN(ImprovTrack track, MakeTrack(melody, std::move(chords)));
  return std::make_unique<ImprovTrack>(std::move(track));
}

}  // namespace

const std::vector<ImprovConfig>& ImprovConfigs() {
  static const auto* configs = new std::vector<ImprovConfig>{
      {"basic_improv", 48, 84, 4, MakeBasic},
      {"attention_improv", 48, 84, 4, MakeAttention},
      {"chord_pitches_improv", 48, 84, 4, MakeChordPitches},
  };
  return *configs;
}

absl::StatusOr<std::unique_ptr<Generator>> MakeImprovGenerator(
    const std::string& generator_id, std::shared_ptr<const StepModel> model) {
  const ImprovConfig& config = *FindConfig(ImprovConfigs(), generator_id);
  std::unique_ptr<ImprovEncoderDecoder> encoder_decoder =
      config.make_encoder_decoder(config.min_note, config.max_note);
  MS_RETURN_IF_ERROR(CheckModelShape(generator_id, model->shape(), *encoder_decoder));
  return std::make_unique<ImprovGenerator>(config, std::move(encoder_decoder), std::move(model));
}

}  // namespace magenta_serving
