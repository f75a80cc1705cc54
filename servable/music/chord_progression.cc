#include "servable/music/chord_progression.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

constexpr char kWhat[] = "chord progression";

// The chord annotations in order of time; those of one step stay in order.
std::vector<const NoteSequence::TextAnnotation*> SortedChords(const NoteSequence& quantized) {
  std::vector<const NoteSequence::TextAnnotation*> chords;
  for (const NoteSequence::TextAnnotation& annotation : quantized.text_annotations()) {
    if (annotation.annotation_type() == NoteSequence::TextAnnotation::CHORD_SYMBOL) {
      chords.push_back(&annotation);
    }
  }
  std::stable_sort(chords.begin(), chords.end(), [](const auto* a, const auto* b) {
    return a->quantized_step() < b->quantized_step();
  });
  return chords;
}

}  // namespace

absl::StatusOr<ChordProgression> ChordProgression::FromQuantizedSequence(
    const NoteSequence& quantized, int64_t start_step, int64_t end_step) {
  ChordProgression progression;
  double steps_per_bar = 0;
  MS_ASSIGN_OR_RETURN(steps_per_bar, StepsPerBarInQuantizedSequence(quantized));
  if (steps_per_bar != std::trunc(steps_per_bar)) {
    // Python fails while it writes the text of its NonIntegerStepsPerBarError.
    return MagentaError("AttributeError",
                        absl::StrCat("a bar of ", steps_per_bar, " steps is not whole"));
  }
  MS_ASSIGN_OR_RETURN(progression.steps_per_bar_, IntegerStepsPerBar(quantized));
  progression.steps_per_quarter_ = quantized.quantization_info().steps_per_quarter();
  MS_RETURN_IF_ERROR(CheckLength(kWhat, end_step - start_step));

  std::optional<int64_t> previous_step;
  absl::string_view previous_figure = kNoChord;
  const auto add_previous = [&](int64_t until) {
    const int64_t from = std::max(previous_step.value_or(start_step), start_step);
    return progression.AddChord(previous_figure, from - start_step, until - start_step);
  };
  for (const NoteSequence::TextAnnotation* chord : SortedChords(quantized)) {
    const int64_t step = chord->quantized_step();
    if (step >= end_step) break;
    MS_RETURN_IF_ERROR(CheckChordSymbolSize(chord->text()));
    if (step >= start_step && step == previous_step) {
      if (chord->text() == previous_figure) continue;
      return MagentaError("CoincidentChordsError",
                          absl::StrCat("chords ", previous_figure, " and ", chord->text(),
                                       " are coincident"));
    }
    if (step > start_step) MS_RETURN_IF_ERROR(add_previous(step));
    previous_step = step;
    previous_figure = chord->text();
  }
  MS_RETURN_IF_ERROR(add_previous(end_step));
  progression.start_step_ = start_step;
  progression.end_step_ = end_step;
  return progression;
}

// Puts a chord on events [start, end) and drops all behind.
absl::Status ChordProgression::AddChord(absl::string_view figure, int64_t start, int64_t end) {
  if (start >= end) {
    return MagentaError("BadChordError",
                        absl::StrCat("Start step does not precede end step: start=", start,
                                     ", end=", end));
  }
  MS_RETURN_IF_ERROR(SetLength(end));
  std::fill(events_.begin() + start, events_.end(), std::string(figure));
  return absl::OkStatus();
}

absl::Status ChordProgression::SetLength(int64_t steps) {
  return Resize(kWhat, steps, kNoChord);
}

void ChordProgression::DropBefore(int64_t step) {
  const int64_t dropped = std::min<int64_t>(step - start_step_, size());
  if (dropped <= 0) return;
  events_.erase(events_.begin(), events_.begin() + dropped);
  start_step_ += dropped;
}

absl::Status ChordProgression::Transpose(int semitones) {
  for (std::string& figure : events_) {
    if (figure == kNoChord) continue;
    const absl::StatusOr<ChordSymbol> symbol = ChordSymbol::Parse(figure);
    MS_RETURN_IF_ERROR(symbol.status());
    figure = symbol->Transposed(semitones);
  }
  return absl::OkStatus();
}

absl::StatusOr<NoteSequence> ChordProgression::ToSequence(double sequence_start_time,
                                                          double qpm) const {
  if (qpm == 0 || steps_per_quarter_ == 0) {
    return MagentaError("ZeroDivisionError", "float division by zero");
  }
  const double seconds_per_step = 60.0 / qpm / steps_per_quarter_;
  NoteSequence sequence;
  sequence.add_tempos()->set_qpm(qpm);
  sequence.set_ticks_per_quarter(kStandardPpq);
  absl::string_view current = kNoChord;
  for (size_t step = 0; step < events_.size(); ++step) {
    if (events_[step] == current) continue;
    current = events_[step];
    NoteSequence::TextAnnotation* chord = sequence.add_text_annotations();
    chord->set_time(step * seconds_per_step + sequence_start_time);
    chord->set_text(events_[step]);
    chord->set_annotation_type(NoteSequence::TextAnnotation::CHORD_SYMBOL);
  }
  return sequence;
}

}  // namespace magenta_serving
