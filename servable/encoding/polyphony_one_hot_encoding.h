// Classes of polyphonic events, as PolyphonyOneHotEncoding of
// magenta/models/polyphony_rnn/polyphony_encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_POLYPHONY_ONE_HOT_ENCODING_H_
#define MAGENTA_SERVING_ENCODING_POLYPHONY_ONE_HOT_ENCODING_H_

#include "absl/status/statusor.h"
#include "servable/encoding/one_hot_encoding.h"
#include "servable/music/polyphonic_sequence.h"

namespace magenta_serving {

// 259 classes: START, END, STEP_END, then new notes by pitch, then continued ones.
class PolyphonyOneHotEncoding : public OneHotEncoding<PolyphonicEvent> {
 public:
  int num_classes() const override;
  PolyphonicEvent default_event() const override;  // STEP_END

  // TypeError for a note without a pitch.
  absl::StatusOr<int> EncodeEvent(const PolyphonicEvent& event) const override;

  // The first three classes give events of pitch 0, unlike those of a sequence made of notes.
  absl::StatusOr<PolyphonicEvent> DecodeEvent(int index) const override;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_POLYPHONY_ONE_HOT_ENCODING_H_
