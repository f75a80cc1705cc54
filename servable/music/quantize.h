// Quantization of times to steps, as note_seq/sequences_lib.py. All arithmetic is IEEE double in
// Python's order.
#ifndef MAGENTA_SERVING_MUSIC_QUANTIZE_H_
#define MAGENTA_SERVING_MUSIC_QUANTIZE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// Steps lie strictly between -kMaxStep and kMaxStep, so that the difference of any two fits an
// int64.
inline constexpr int64_t kMaxStep = int64_t{1} << 62;

// The most events that a melody or a track may be given by SetLength or extraction: a time of a few
// days in a request must not make us allocate gigabytes.
inline constexpr int64_t kMaxEvents = int64_t{1} << 20;

// INVALID_ARGUMENT when `what` ("melody") would have more steps than kMaxEvents.
absl::Status CheckLength(absl::string_view what, int64_t steps);

// int(seconds * steps_per_second + (1 - quantize_cutoff)), truncated toward zero. quantize_cutoff
// 0.5 rounds to the nearest step (halves up), 0 gives the step after (an on-grid time x gives x +
// 1), 1 rounds down. ValueError for NaN and for steps beyond kMaxStep, OverflowError for infinity.
absl::StatusOr<int64_t> QuantizeToStep(double unquantized_seconds, double steps_per_second,
                                       double quantize_cutoff = 0.5);

double StepsPerQuarterToStepsPerSecond(int steps_per_quarter, double qpm);

// A copy with quantized steps relative to the tempo. It has one time signature and one tempo, both
// at time 0 (4/4 and 120 qpm where the input has none). Raises MultipleTimeSignatureError,
// BadTimeSignatureError, MultipleTempoError, NegativeTimeError and what QuantizeToStep raises.
absl::StatusOr<NoteSequence> QuantizeNoteSequence(const NoteSequence& sequence,
                                                  int steps_per_quarter);

// A copy with quantized steps of 1 / steps_per_second seconds; tempos and time signatures are
// ignored.
absl::StatusOr<NoteSequence> QuantizeNoteSequenceAbsolute(const NoteSequence& sequence,
                                                          int steps_per_second);

// Steps in a bar of a sequence from QuantizeNoteSequence, by its first time signature; may be
// fractional. QuantizationStatusError when the sequence is not quantized relative to the tempo.
absl::StatusOr<double> StepsPerBarInQuantizedSequence(const NoteSequence& quantized);

// Whole steps in a bar of `quantized`; NonIntegerStepsPerBarError when a bar ends between two
// steps.
absl::StatusOr<int64_t> IntegerStepsPerBar(const NoteSequence& quantized);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_QUANTIZE_H_
