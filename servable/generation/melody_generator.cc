#include "servable/generation/melody_generator.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "servable/base/python_format.h"
#include "servable/base/status.h"
#include "servable/encoding/key_melody_encoder_decoder.h"
#include "servable/encoding/lookback_event_sequence_encoder_decoder.h"
#include "servable/encoding/melody_one_hot_encoding.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/generation/generate_events.h"
#include "servable/generation/generator_options.h"
#include "servable/generation/primer.h"
#include "servable/music/melody.h"
#include "servable/music/melody_extraction.h"
#include "servable/music/midi_reader.h"
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

double LastEndTime(const NoteSequence& sequence) {
  double last = sequence.notes_size() > 0 ? sequence.notes(0).end_time() : 0;
  // Python's max keeps the first value unless a later one is greater, which decides about NaN.
  for (const auto& note : sequence.notes()) {
    if (note.end_time() > last) last = note.end_time();
  }
  return last;
}

class MelodyGenerator : public Generator {
 public:
  MelodyGenerator(const MelodyConfig& config, std::unique_ptr<MelodyEncoderDecoder> encoder_decoder,
                  std::shared_ptr<const StepModel> model)
      : config_(config), encoder_decoder_(std::move(encoder_decoder)), model_(std::move(model)) {
    arguments_ = {
        {"primer_sequence_bytes", "", "Primer: a serialized NoteSequence."},
        {"primer_midi_bytes", "", "Primer: a Standard MIDI File."},
        {"primer_melody", "",
         "Primer: a list of melody events, one for each step: a pitch, -1 note off, -2 no event. "
         "Without any primer, melodies begin with middle C."},
        {"num_steps", 128, "Length in steps (16th notes) of each output, primer included."},
        {"qpm", 0.0f, "Quarters per minute, where the primer does not carry a tempo; 0 means 120."},
    };
    for (ArgumentSpec& argument : GenerateEventsArguments())
      arguments_.push_back(std::move(argument));
    score_arguments_ = {
        {"sequence_bytes", "", "The melody to score: a serialized NoteSequence."},
        {"midi_bytes", "", "The melody to score: a Standard MIDI File."},
        {"melody", "", "The melody to score: a list of melody events, as for primer_melody."},
    };
  }

  std::string family() const override { return "melody"; }

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
  // The melody of the primer section, as long as the section to generate starts late: what the
  // model continues.
  absl::StatusOr<Melody> ExtractPrimer(const NoteSequence& primer, int64_t input_start_step,
                                       double steps_per_second, double generate_start_time,
                                       const CallContext& context) const;

  const MelodyConfig& config_;
  const std::unique_ptr<MelodyEncoderDecoder> encoder_decoder_;
  const std::shared_ptr<const StepModel> model_;
  std::vector<ArgumentSpec> arguments_;
  std::vector<ArgumentSpec> score_arguments_;
};

// At most one melody comes out of an extraction whose gap is infinite, for each instrument.
absl::Status CheckOneMelody(const std::vector<Melody>& melodies) {
  if (melodies.size() <= 1) return absl::OkStatus();
  return MagentaError(
      "AssertionError",
      absl::StrCat(melodies.size(), " instruments of the sequence have a melody; only one may"));
}

absl::StatusOr<GeneratorInput> MelodyGenerator::MakeInput(const Arguments& arguments,
                                                          const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckGenerateEventsArguments(arguments));
  const float given_qpm = arguments.Get<float>("qpm");
  if (!(given_qpm >= 0) || std::isinf(given_qpm)) {
    return absl::InvalidArgumentError(
        absl::StrCat("qpm is ", PyRepr(given_qpm), "; it must be a finite number, 0 or above"));
  }
  double qpm = given_qpm > 0 ? given_qpm : kDefaultQuartersPerMinute;
  const int32_t num_steps = arguments.Get<int32_t>("num_steps");
  if (num_steps < 1 || num_steps > context.limits.max_steps) {
    return absl::InvalidArgumentError(absl::StrCat(
        "num_steps is ", num_steps, "; it must be from 1 to ", context.limits.max_steps));
  }

  GeneratorInput input;
  MS_ASSIGN_OR_RETURN(
      const std::string primer,
      OnlyOneGiven(arguments, {"primer_sequence_bytes", "primer_midi_bytes", "primer_melody"}));
  if (primer == "primer_sequence_bytes") {
    MS_ASSIGN_OR_RETURN(input.sequence,
                        ParseNoteSequence(primer, arguments.Get<std::string>(primer)));
    if (input.sequence.tempos().empty()) input.sequence.add_tempos()->set_qpm(qpm);
  } else if (primer == "primer_midi_bytes") {
    absl::StatusOr<NoteSequence> sequence = MidiToNoteSequence(arguments.Get<std::string>(primer));
    if (!sequence.ok()) return Annotate(sequence.status(), primer);
    input.sequence = *std::move(sequence);
  } else {
    std::vector<int> events = {60};
    if (!primer.empty()) {
      absl::StatusOr<std::vector<int>> parsed =
          ParseIntegerList(arguments.Get<std::string>(primer));
      if (!parsed.ok()) return Annotate(parsed.status(), primer);
      events = *std::move(parsed);
    }
    MS_ASSIGN_OR_RETURN(const Melody melody, Melody::Create(std::move(events)));
    MS_ASSIGN_OR_RETURN(input.sequence, melody.ToSequence(100, 0, 0, 0.0, qpm));
  }
  if (!input.sequence.tempos().empty() && input.sequence.tempos(0).qpm() != 0)
    qpm = input.sequence.tempos(0).qpm();

  const double seconds_per_step = 60.0 / qpm / config_.steps_per_quarter;
  auto* section = input.options.add_generate_sections();
  section->set_start_time(LastEndTime(input.sequence) + seconds_per_step);
  section->set_end_time(num_steps * seconds_per_step);
  if (section->start_time() >= section->end_time()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the primer leaves nothing to generate: it ends at ", PyRepr(LastEndTime(input.sequence)),
        " s, and num_steps ", num_steps, " at ", PyRepr(qpm), " quarters per minute end at ",
        PyRepr(section->end_time()), " s"));
  }
  SetGenerateEventsOptions(arguments, &input.options);
  return input;
}

absl::StatusOr<Melody> MelodyGenerator::ExtractPrimer(const NoteSequence& primer,
                                                      int64_t input_start_step,
                                                      double steps_per_second,
                                                      double generate_start_time,
                                                      const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                      QuantizeNoteSequence(primer, config_.steps_per_quarter));
  MS_ASSIGN_OR_RETURN(std::vector<Melody> melodies, ExtractMelodies(quantized, input_start_step));
  MS_RETURN_IF_ERROR(CheckOneMelody(melodies));
  MS_ASSIGN_OR_RETURN(const int64_t start_step,
                      QuantizeToStep(generate_start_time, steps_per_second, 0));
  Melody melody;
  if (!melodies.empty() && !melodies[0].empty()) {
    melody = std::move(melodies[0]);
  } else {
    // One step of silence to continue from.
    MS_ASSIGN_OR_RETURN(const double steps_per_bar, StepsPerBarInQuantizedSequence(quantized));
    MS_ASSIGN_OR_RETURN(
        melody, Melody::Create({}, std::max<int64_t>(0, start_step - 1),
                               static_cast<int64_t>(steps_per_bar), config_.steps_per_quarter));
  }
  const int64_t primer_steps = start_step - melody.start_step();
  if (primer_steps > context.limits.max_steps) {
    return absl::InvalidArgumentError(absl::StrCat("the primer has ", primer_steps,
                                                   " steps up to the section to generate; "
                                                   "max_steps is ",
                                                   context.limits.max_steps));
  }
  MS_RETURN_IF_ERROR(melody.SetLength(primer_steps));
  return melody;
}

absl::StatusOr<Generation> MelodyGenerator::Generate(const NoteSequence& input,
                                                     const GeneratorOptions& options,
                                                     NumpyRandom* random,
                                                     const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckSections(options));
  const double qpm = input.tempos().empty() ? kDefaultQuartersPerMinute : input.tempos(0).qpm();
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(config_.steps_per_quarter, qpm);
  const auto& section = options.generate_sections(0);

  NoteSequence trimmed;
  const NoteSequence* primer = &input;
  int64_t input_start_step = 0;
  if (options.input_sections_size() == 1) {
    const auto& input_section = options.input_sections(0);
    MS_ASSIGN_OR_RETURN(
        trimmed, TrimNoteSequence(input, input_section.start_time(), input_section.end_time()));
    MS_ASSIGN_OR_RETURN(input_start_step,
                        QuantizeToStep(input_section.start_time(), steps_per_second, 0));
    primer = &trimmed;
  }
  const double last_end_time = LastEndTime(*primer);
  if (last_end_time > section.start_time()) {
    return MagentaError(
        "SequenceGeneratorError",
        absl::StrCat(
            "Got GenerateSection request for section that is before the end of the NoteSequence. "
            "This model can only extend sequences. Requested start time: ",
            PyRepr(section.start_time()),
            ", Final note end time: ", primer->notes_size() > 0 ? PyRepr(last_end_time) : "0"));
  }

  MS_ASSIGN_OR_RETURN(Melody melody, ExtractPrimer(*primer, input_start_step, steps_per_second,
                                                   section.start_time(), context));
  MS_ASSIGN_OR_RETURN(const int64_t end_step,
                      QuantizeToStep(section.end_time(), steps_per_second, 1.0));
  const int64_t num_steps = end_step - melody.start_step();

  MS_RETURN_IF_ERROR(melody.CheckEvents());
  melody = melody.DeepCopy();
  const int transpose_amount =
      melody.Squash(config_.min_note, config_.max_note, config_.transpose_to_key);
  MS_ASSIGN_OR_RETURN(
      const GeneratedEvents generated,
      GenerateEvents(*model_, MelodyTrack(std::move(melody), encoder_decoder_.get()), num_steps,
                     ReadGenerateEventsOptions(options), random, context));
  Melody result = static_cast<const MelodyTrack&>(*generated.track).sequence();
  result.Transpose(-transpose_amount);

  Generation generation;
  generation.log_likelihood = generated.log_likelihood;
  MS_ASSIGN_OR_RETURN(generation.sequence, result.ToSequence(100, 0, 0, 0.0, qpm));
  if (!(generation.sequence.total_time() - section.end_time() <= 1e-5)) {
    return MagentaError(
        "AssertionError",
        absl::StrCat("the generated sequence ends at ", PyRepr(generation.sequence.total_time()),
                     " s, after the section's end at ", PyRepr(section.end_time()), " s"));
  }
  return generation;
}

absl::StatusOr<SequenceScore> MelodyGenerator::Score(const Arguments& arguments,
                                                     const CallContext& context) const {
  MS_ASSIGN_OR_RETURN(const std::string given,
                      OnlyOneGiven(arguments, {"sequence_bytes", "midi_bytes", "melody"}));
  if (given.empty())
    return absl::InvalidArgumentError("give one of sequence_bytes, midi_bytes and melody");
  const std::string& value = arguments.Get<std::string>(given);
  Melody melody;
  if (given == "melody") {
    absl::StatusOr<std::vector<int>> events = ParseIntegerList(value);
    if (!events.ok()) return Annotate(events.status(), given);
    MS_ASSIGN_OR_RETURN(melody, Melody::Create(*std::move(events)));
  } else {
    absl::StatusOr<NoteSequence> sequence =
        given == "midi_bytes" ? MidiToNoteSequence(value) : ParseNoteSequence(given, value);
    if (!sequence.ok()) return Annotate(sequence.status(), given);
    MS_ASSIGN_OR_RETURN(const NoteSequence quantized,
                        QuantizeNoteSequence(*sequence, config_.steps_per_quarter));
    MS_ASSIGN_OR_RETURN(std::vector<Melody> melodies, ExtractMelodies(quantized));
    MS_RETURN_IF_ERROR(CheckOneMelody(melodies));
    if (melodies.empty())
      return absl::InvalidArgumentError(absl::StrCat(given, ": no melody in the sequence"));
    MS_RETURN_IF_ERROR(melodies[0].CheckEvents());
    melody = melodies[0].DeepCopy();
  }
  melody.Squash(config_.min_note, config_.max_note, config_.transpose_to_key);

  SequenceScore score;
  MS_ASSIGN_OR_RETURN(
      score.event_log_likelihoods,
      EventLogLikelihoods(*model_, MelodyTrack(std::move(melody), encoder_decoder_.get()),
                          context));
  for (const float log_likelihood : score.event_log_likelihoods)
    score.log_likelihood += log_likelihood;
  return score;
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
  const StepShape& shape = model->shape();
  if (shape.input_size != encoder_decoder->input_size() ||
      shape.num_classes != encoder_decoder->num_classes()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the bundle's graph takes inputs of ", shape.input_size, " and gives ",
                     shape.num_classes, " classes; ", generator_id, " encodes events in ",
                     encoder_decoder->input_size(), " and ", encoder_decoder->num_classes()));
  }
  return std::make_unique<MelodyGenerator>(config, std::move(encoder_decoder), std::move(model));
}

}  // namespace magenta_serving
