#include "servable/generation/sections.h"

#include <string>

#include "servable/base/python_format.h"
#include "servable/base/status.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

constexpr char kGeneratorError[] = "SequenceGeneratorError";

const char* Words(EarlyStartError error) {
  switch (error) {
    case EarlyStartError::kBeforeEnd:
      return "the end of the NoteSequence. This model can only extend sequences.";
    case EarlyStartError::kBeforeOrEqualToEnd:
      return "or equal to the end of the NoteSequence. This model can only extend sequences.";
    case EarlyStartError::kBeforeOrEqualToEndOfInputSection:
      return "or equal to the end of the input section. This model can only extend melodies.";
  }
  return "";
}

}  // namespace

absl::Status CheckSections(const GeneratorOptions& options) {
  if (options.input_sections_size() > 1) {
    return MagentaError(
        kGeneratorError,
        absl::StrCat("This model supports at most one input_sections message, but got ",
                     options.input_sections_size()));
  }
  if (options.generate_sections_size() != 1) {
    return MagentaError(
        kGeneratorError,
        absl::StrCat("This model supports only 1 generate_sections message, but got ",
                     options.generate_sections_size()));
  }
  return absl::OkStatus();
}

double QuartersPerMinute(const NoteSequence& sequence) {
  return sequence.tempos().empty() ? kDefaultQuartersPerMinute : sequence.tempos(0).qpm();
}

double LastEndTime(const NoteSequence& sequence) {
  double last = sequence.notes_size() > 0 ? sequence.notes(0).end_time() : 0;
  // Python's max keeps the first value unless a later one is greater, which decides about NaN.
  for (const auto& note : sequence.notes()) {
    if (note.end_time() > last) last = note.end_time();
  }
  return last;
}

absl::Status CheckGenerateStart(const NoteSequence& primer, double start_time,
                                EarlyStartError error) {
  const double last_end_time = LastEndTime(primer);
  const bool early = error == EarlyStartError::kBeforeOrEqualToEndOfInputSection
                         ? last_end_time >= start_time
                         : last_end_time > start_time;
  if (!early) return absl::OkStatus();
  return MagentaError(
      kGeneratorError,
      absl::StrCat("Got GenerateSection request for section that is before ", Words(error),
                   " Requested start time: ", PyRepr(start_time), ", Final note end time: ",
                   primer.notes_size() > 0 ? PyRepr(last_end_time) : "0"));
}

absl::StatusOr<PrimerSection> ReadPrimerSection(const NoteSequence& input,
                                                const GeneratorOptions& options,
                                                double steps_per_second, EarlyStartError error) {
  PrimerSection primer;
  if (options.input_sections().empty()) {
    primer.sequence = input;
  } else {
    const auto& section = options.input_sections(0);
    MS_ASSIGN_OR_RETURN(primer.sequence,
                        TrimNoteSequence(input, section.start_time(), section.end_time()));
    MS_ASSIGN_OR_RETURN(primer.start_step,
                        QuantizeToStep(section.start_time(), steps_per_second, 0));
  }
  MS_RETURN_IF_ERROR(
      CheckGenerateStart(primer.sequence, options.generate_sections(0).start_time(), error));
  return primer;
}

absl::StatusOr<PrimerSection> ReadQuantizedPrimer(const NoteSequence& input,
                                                  const GeneratorOptions& options,
                                                  int steps_per_quarter, EarlyStartError error) {
  const double steps_per_second =
      StepsPerQuarterToStepsPerSecond(steps_per_quarter, QuartersPerMinute(input));
  MS_ASSIGN_OR_RETURN(PrimerSection primer,
                      ReadPrimerSection(input, options, steps_per_second, error));
  MS_ASSIGN_OR_RETURN(primer.sequence, QuantizeNoteSequence(primer.sequence, steps_per_quarter));
  return primer;
}

absl::StatusOr<GenerateSteps> QuantizeGenerateSection(const GeneratorOptions& options,
                                                      double steps_per_second) {
  const auto& section = options.generate_sections(0);
  GenerateSteps steps;
  MS_ASSIGN_OR_RETURN(steps.start, QuantizeToStep(section.start_time(), steps_per_second, 0));
  MS_ASSIGN_OR_RETURN(steps.end, QuantizeToStep(section.end_time(), steps_per_second, 1));
  return steps;
}

absl::Status CheckPrimerSteps(int64_t steps, const Bound& bound) {
  if (steps <= bound.value) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the primer has ", steps, " steps up to the section to generate; ", bound.name,
                   " is ", bound.value));
}

absl::Status CheckTotalSteps(int64_t steps, const Bound& bound) {
  if (steps <= bound.value) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the sequence would have ", steps, " steps; ",
                                                 bound.name, " is ", bound.value));
}

absl::Status CheckGeneratedEnd(const NoteSequence& generated, double end_time) {
  if (generated.total_time() - end_time <= 1e-5) return absl::OkStatus();
  return MagentaError(
      "AssertionError",
      absl::StrCat("the generated sequence ends at ", PyRepr(generated.total_time()),
                   " s, after the section's end at ", PyRepr(end_time), " s"));
}

}  // namespace magenta_serving
