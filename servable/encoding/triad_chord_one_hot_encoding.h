// Classes of chords by root and triad, as TriadChordOneHotEncoding of
// note_seq/chords_encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_TRIAD_CHORD_ONE_HOT_ENCODING_H_
#define MAGENTA_SERVING_ENCODING_TRIAD_CHORD_ONE_HOT_ENCODING_H_

#include <string>

#include "absl/status/statusor.h"
#include "servable/encoding/one_hot_encoding.h"

namespace magenta_serving {

// Class 0 is kNoChord; then come 12 major chords from C upwards, 12 minor, 12 augmented and 12
// diminished ones.
class TriadChordOneHotEncoding : public OneHotEncoding<std::string> {
 public:
  int num_classes() const override;
  std::string default_event() const override;  // kNoChord

  // ChordSymbolError for a text that is not a chord symbol, ChordEncodingError for a chord without
  // one of these triads.
  absl::StatusOr<int> EncodeEvent(const std::string& event) const override;

  absl::StatusOr<std::string> DecodeEvent(int index) const override;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_TRIAD_CHORD_ONE_HOT_ENCODING_H_
