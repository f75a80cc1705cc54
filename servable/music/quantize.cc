#include "servable/music/quantize.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "servable/base/python_format.h"
#include "servable/base/status.h"
#include "servable/music/python_semantics.h"

namespace magenta_serving {
namespace {

// The order of repeated messages sorted by their time.
template <class Messages>
std::vector<int> OrderByTime(const Messages& messages) {
  std::vector<double> times;
  times.reserve(messages.size());
  for (const auto& message : messages) times.push_back(message.time());
  return PythonSortedOrder(times);
}

template <class TimeSignature>
std::string SignatureText(const TimeSignature& signature) {
  return absl::StrCat(signature.numerator(), "/", signature.denominator());
}

bool IsPowerOf2(int64_t x) { return x > 0 && (x & (x - 1)) == 0; }

// Leaves `sequence` with one valid time signature at time 0.
absl::Status ReduceTimeSignatures(NoteSequence& sequence) {
  auto& signatures = *sequence.mutable_time_signatures();
  if (signatures.empty()) {
    NoteSequence::TimeSignature* signature = signatures.Add();
    signature->set_numerator(4);
    signature->set_denominator(4);
  } else {
    const std::vector<int> order = OrderByTime(signatures);
    const NoteSequence::TimeSignature& earliest = signatures[order[0]];
    // The music starts in 4/4, so that another signature later on is a change.
    if (earliest.time() != 0 && !(earliest.numerator() == 4 && earliest.denominator() == 4)) {
      return MagentaError(
          "MultipleTimeSignatureError",
          absl::StrCat("NoteSequence has an implicit change from initial 4/4 time signature to ",
                       SignatureText(earliest), " at ", PyFixed(earliest.time(), 2), " seconds."));
    }
    for (size_t i = 1; i < order.size(); ++i) {
      const NoteSequence::TimeSignature& later = signatures[order[i]];
      // Compared with the first as listed, which need not be the earliest.
      if (later.numerator() != signatures[0].numerator() ||
          later.denominator() != signatures[0].denominator()) {
        return MagentaError(
            "MultipleTimeSignatureError",
            absl::StrCat("NoteSequence has at least one time signature change from ",
                         SignatureText(earliest), " to ", SignatureText(later), " at ",
                         PyFixed(later.time(), 2), " seconds."));
      }
    }
    signatures[0].set_time(0);
    signatures.DeleteSubrange(1, signatures.size() - 1);
  }
  if (!IsPowerOf2(signatures[0].denominator())) {
    return MagentaError("BadTimeSignatureError",
                        absl::StrCat("Denominator is not a power of 2. Time signature: ",
                                     SignatureText(signatures[0])));
  }
  if (signatures[0].numerator() == 0) {
    return MagentaError("BadTimeSignatureError", absl::StrCat("Numerator is 0. Time signature: ",
                                                              SignatureText(signatures[0])));
  }
  return absl::OkStatus();
}

// Leaves `sequence` with one tempo at time 0.
absl::Status ReduceTempos(NoteSequence& sequence) {
  auto& tempos = *sequence.mutable_tempos();
  if (tempos.empty()) {
    tempos.Add()->set_qpm(kDefaultQuartersPerMinute);
    return absl::OkStatus();
  }
  const std::vector<int> order = OrderByTime(tempos);
  const NoteSequence::Tempo& earliest = tempos[order[0]];
  // The music starts at 120 qpm, so that another tempo later on is a change.
  if (earliest.time() != 0 && earliest.qpm() != kDefaultQuartersPerMinute) {
    return MagentaError(
        "MultipleTempoError",
        absl::StrCat("NoteSequence has an implicit tempo change from initial ",
                     PyFixed(kDefaultQuartersPerMinute, 1), " qpm to ", PyFixed(earliest.qpm(), 1),
                     " qpm at ", PyFixed(earliest.time(), 2), " seconds."));
  }
  for (size_t i = 1; i < order.size(); ++i) {
    const NoteSequence::Tempo& later = tempos[order[i]];
    if (later.qpm() != tempos[0].qpm()) {
      return MagentaError("MultipleTempoError",
                          absl::StrCat("NoteSequence has at least one tempo change from ",
                                       PyFixed(earliest.qpm(), 1), " qpm to ",
                                       PyFixed(later.qpm(), 1), " qpm at ",
                                       PyFixed(later.time(), 2), " seconds."));
    }
  }
  tempos[0].set_time(0);
  tempos.DeleteSubrange(1, tempos.size() - 1);
  return absl::OkStatus();
}

template <class Event>
absl::Status QuantizeEvent(double steps_per_second, Event& event) {
  int64_t step = 0;
  MS_ASSIGN_OR_RETURN(step, QuantizeToStep(event.time(), steps_per_second));
  event.set_quantized_step(step);
  if (step < 0) {
    return MagentaError("NegativeTimeError",
                        absl::StrCat("Got negative event time: step = ", step));
  }
  return absl::OkStatus();
}

// Sets every quantized field of `sequence` on a grid of steps_per_second.
absl::Status QuantizeTimes(double steps_per_second, NoteSequence& sequence) {
  int64_t total_steps = 0;
  MS_ASSIGN_OR_RETURN(total_steps, QuantizeToStep(sequence.total_time(), steps_per_second));
  for (NoteSequence::Note& note : *sequence.mutable_notes()) {
    int64_t start = 0;
    int64_t end = 0;
    MS_ASSIGN_OR_RETURN(start, QuantizeToStep(note.start_time(), steps_per_second));
    MS_ASSIGN_OR_RETURN(end, QuantizeToStep(note.end_time(), steps_per_second));
    if (end == start) ++end;
    if (start < 0 || end < 0) {
      return MagentaError("NegativeTimeError",
                          absl::StrCat("Got negative note time: start_step = ", start,
                                       ", end_step = ", end));
    }
    note.set_quantized_start_step(start);
    note.set_quantized_end_step(end);
    if (end > total_steps) total_steps = end;
  }
  sequence.set_total_quantized_steps(total_steps);
  for (NoteSequence::ControlChange& change : *sequence.mutable_control_changes()) {
    MS_RETURN_IF_ERROR(QuantizeEvent(steps_per_second, change));
  }
  for (NoteSequence::TextAnnotation& annotation : *sequence.mutable_text_annotations()) {
    MS_RETURN_IF_ERROR(QuantizeEvent(steps_per_second, annotation));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckLength(absl::string_view what, int64_t steps) {
  if (steps <= kMaxEvents) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " would have ", steps, " steps; at most ",
                                                 kMaxEvents, " are supported"));
}

absl::StatusOr<int64_t> QuantizeToStep(double unquantized_seconds, double steps_per_second,
                                       double quantize_cutoff) {
  const double unquantized_steps = unquantized_seconds * steps_per_second;
  const double steps = std::trunc(unquantized_steps + (1 - quantize_cutoff));
  if (std::isnan(steps)) return MagentaError("ValueError", "cannot convert float NaN to integer");
  if (std::isinf(steps)) {
    return MagentaError("OverflowError", "cannot convert float infinity to integer");
  }
  if (std::fabs(steps) >= static_cast<double>(kMaxStep)) {
    return MagentaError("ValueError", absl::StrCat("Value out of range: ", PyFixed(steps, 0)));
  }
  return static_cast<int64_t>(steps);
}

double StepsPerQuarterToStepsPerSecond(int steps_per_quarter, double qpm) {
  return steps_per_quarter * qpm / 60.0;
}

absl::StatusOr<NoteSequence> QuantizeNoteSequence(const NoteSequence& sequence,
                                                  int steps_per_quarter) {
  NoteSequence quantized = sequence;
  quantized.mutable_quantization_info()->set_steps_per_quarter(steps_per_quarter);
  MS_RETURN_IF_ERROR(ReduceTimeSignatures(quantized));
  MS_RETURN_IF_ERROR(ReduceTempos(quantized));
  const double qpm = quantized.tempos(0).qpm();
  MS_RETURN_IF_ERROR(
      QuantizeTimes(StepsPerQuarterToStepsPerSecond(steps_per_quarter, qpm), quantized));
  return quantized;
}

absl::StatusOr<NoteSequence> QuantizeNoteSequenceAbsolute(const NoteSequence& sequence,
                                                          int steps_per_second) {
  NoteSequence quantized = sequence;
  quantized.mutable_quantization_info()->set_steps_per_second(steps_per_second);
  MS_RETURN_IF_ERROR(QuantizeTimes(steps_per_second, quantized));
  return quantized;
}

absl::StatusOr<double> StepsPerBarInQuantizedSequence(const NoteSequence& quantized) {
  if (!IsRelativeQuantizedSequence(quantized)) {
    return MagentaError("QuantizationStatusError",
                        absl::StrCat("NoteSequence ", quantized.id(), " is not quantized or is ",
                                     "quantized based on absolute timing."));
  }
  if (quantized.time_signatures().empty()) {
    return MagentaError("IndexError", "list index out of range");
  }
  const NoteSequence::TimeSignature& signature = quantized.time_signatures(0);
  if (signature.denominator() == 0) {
    return MagentaError("ZeroDivisionError", "float division by zero");
  }
  const double quarters_per_beat = 4.0 / signature.denominator();
  const double quarters_per_bar = quarters_per_beat * signature.numerator();
  return quantized.quantization_info().steps_per_quarter() * quarters_per_bar;
}

absl::StatusOr<int64_t> IntegerStepsPerBar(const NoteSequence& quantized) {
  double steps_per_bar = 0;
  MS_ASSIGN_OR_RETURN(steps_per_bar, StepsPerBarInQuantizedSequence(quantized));
  if (steps_per_bar != std::trunc(steps_per_bar)) {
    const NoteSequence::TimeSignature& signature = quantized.time_signatures(0);
    return MagentaError(
        "NonIntegerStepsPerBarError",
        absl::StrCat("There are ", PyFixed(steps_per_bar, 6),
                     " timesteps per bar. Time signature: ", signature.numerator(), "/",
                     signature.denominator()));
  }
  if (std::fabs(steps_per_bar) >= static_cast<double>(kMaxStep)) {
    return MagentaError("ValueError", absl::StrCat("Value out of range: ",
                                                   PyFixed(steps_per_bar, 0)));
  }
  return static_cast<int64_t>(steps_per_bar);
}

}  // namespace magenta_serving
