// Classes of melody events, as MelodyOneHotEncoding of note_seq/melody_encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_MELODY_ONE_HOT_ENCODING_H_
#define MAGENTA_SERVING_ENCODING_MELODY_ONE_HOT_ENCODING_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/encoding/one_hot_encoding.h"

namespace magenta_serving {

// Class 0 is NO_EVENT, 1 is NOTE_OFF, then come the pitches min_note to max_note - 1.
class MelodyOneHotEncoding : public OneHotEncoding<int> {
 public:
  // ValueError unless 0 <= min_note < max_note <= 128, which the constructor needs.
  static absl::Status CheckRange(int min_note, int max_note);

  MelodyOneHotEncoding(int min_note, int max_note) : min_note_(min_note), max_note_(max_note) {}

  int num_classes() const override;
  int default_event() const override;  // NO_EVENT
  absl::StatusOr<int> EncodeEvent(const int& event) const override;
  absl::StatusOr<int> DecodeEvent(int index) const override;

 private:
  const int min_note_;
  const int max_note_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_MELODY_ONE_HOT_ENCODING_H_
